using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>Whether a record is delivered depends on the record and its causal past alone: not on who brings it, when, with what
/// else, or in which frame.</summary>
public class DeliveryProperties
{
    private const int Histories = 120;
    private const int ReceiversPerHistory = 4;
    private const int Passes = 4; // in random order and frames; then two in causal order

    [Fact]
    public void Whatever_the_order_and_the_frames_every_receiver_delivers_exactly_what_is_valid()
    {
        var (delivered, refused) = (0, 0);
        for (ulong seed = 1; seed <= Histories; seed++)
        {
            var history = new ForgedHistory(seed, ReceiversPerHistory);
            var expected = history.Closure();
            for (var number = 0; number < ReceiversPerHistory; number++)
            {
                var receiver = Receive(history, history.Receivers[number], new SplitMix64(seed * 1000 + (ulong)number));
                var clock = receiver.Status.Clock;
                var found = clock.Entries.SelectMany(entry => Enumerable.Range(1, (int)entry.Sequence).Select(sequence => entry.Chain[sequence])).ToHashSet();
                Assert.True(found.SetEquals(expected.Keys),
                    $"seed {seed}, receiver {number}: too much: {Few(found.Except(expected.Keys))}; missing: {Few(expected.Keys.Except(found))}; tampered: {string.Join(", ", history.Tampers)}");
                foreach (var (id, hash) in expected)
                    Assert.True(receiver.Index.TryGetHash(id, out var held) && held == hash, $"seed {seed}, receiver {number}: another record is held as {id}");
            }

            delivered += expected.Count;
            refused += history.Offered.Count(segment => !expected.TryGetValue(segment.Chain[segment.Last], out var hash) || hash != segment.HeadHash);
        }

        Assert.True(delivered > 500 && refused > 500, $"{delivered} delivered and {refused} refused prove little");
    }

    private static string Few(IEnumerable<EventId> ids) => string.Join(", ", ids.Order().Take(5));

    private static LoneEngine Receive(ForgedHistory history, KeyedHashSigner key, SplitMix64 random)
    {
        var receiver = new LoneEngine(history.Held, key, []);
        var committing = false;
        for (var pass = 0; pass < Passes; pass++)
        {
            var order = history.Offered.ToArray();
            random.Shuffle<Segment>(order);
            for (var i = 0; i < order.Length;)
            {
                var count = Math.Min(1 + random.Below(8), order.Length - i);
                Hear(order[i..(i + count)]);
                i += count;
                if (committing && random.Below(2) == 0)
                {
                    receiver.EndCommit();
                    committing = false;
                }
                else if (!committing && random.Below(2) == 0)
                {
                    committing = receiver.BeginCommit() is not null;
                }
            }
        }

        if (committing) receiver.EndCommit();
        for (var pass = 0; pass < 2; pass++)
        {
            Hear([.. history.Offered]);
            receiver.Commit();
        }

        return receiver;

        void Hear(Segment[] frame) =>
            receiver.Called(history.Jake, new GossipMessage.Push(1, [.. frame.Select(segment => new FrameSegment(segment, 0))], [], false));
    }
}
