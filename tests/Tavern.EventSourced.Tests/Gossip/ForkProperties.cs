using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>Forked histories in any order and frames: what is delivered is the closure of what its writers signed, and nothing else, on every agent.</summary>
public class ForkProperties
{
    private const int Histories = 120;

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // on one node, which holds each record once
    public void Every_agent_delivers_exactly_what_its_writers_signed_and_is_closed(bool coHosted)
    {
        var (forks, branches) = (0, 0);
        for (ulong seed = 1; seed <= Histories; seed++)
        {
            var history = new ForkedHistory(seed, hearers: 3, liars: 1 + (int)(seed % 3));
            var expected = history.Closure();
            var hearers = new List<LoneEngine>();
            foreach (var key in history.Hearers)
                hearers.Add(new LoneEngine(history.Held, key, [history.Held[0].Chain.Agent], host: coHosted ? hearers.FirstOrDefault() : null) { ExposesForks = false });
            foreach (var (hearer, number) in hearers.Select((hearer, number) => (hearer, number))) Hear(history, hearer, new SplitMix64(seed * 100 + (ulong)number));
            for (var pass = 0; pass < 2; pass++)
            {
                foreach (var hearer in hearers) Push(hearer, [.. history.Offered]);
                foreach (var hearer in hearers) hearer.Commit();
            }

            foreach (var hearer in hearers)
            {
                var found = hearer.Delivered();
                Assert.True(found.SetEquals(expected), $"seed {seed}, {hearer.Id}: {found.Except(expected).Count()} too much, {expected.Except(found).Count()} missing of {expected.Count}");
                Assert.Equal(found.Count, hearer.Status.LogLength);
            }

            Assert.True(hearers.Select(FingerprintOf).Distinct().Count() == 1, $"seed {seed}: fingerprints differ");
            forks += history.Forked(expected).Count;
            branches += hearers[0].Status.Clock.Entries.Count(entry => entry.Chain.Branch > 1);
        }

        Assert.True(forks > 100 && branches > 50, $"{forks} forks and {branches} further branches prove little");
    }

    internal static UInt128 FingerprintOf(LoneEngine engine) =>
        engine.Round().Select(call => call.Message).OfType<GossipMessage.Syn>().First().Fingerprint;

    private static void Hear(ForkedHistory history, LoneEngine hearer, SplitMix64 random)
    {
        var order = history.Offered.ToArray();
        random.Shuffle<Segment>(order);
        for (var i = 0; i < order.Length;)
        {
            var count = Math.Min(1 + random.Below(8), order.Length - i);
            Push(hearer, order[i..(i + count)]);
            i += count;
            if (random.Below(3) == 0) hearer.Commit();
        }

        hearer.Commit();
    }

    private static void Push(LoneEngine hearer, Segment[] frame) =>
        hearer.Called(hearer.Status.Peers[0].Peer, new GossipMessage.Push(1, [.. frame.Select(segment => new FrameSegment(segment, 0))], [], false));
}
