using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class RoundScheduleTests
{
    [Fact]
    public void Rounds_are_a_second_apart_and_back_off_to_five_with_jitter_of_a_fifth()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            var rounds = new RoundSchedule(new GossipOptions(), new SplitMix64(seed));
            var now = TimeSpan.Zero;
            foreach (var seconds in (int[])[1, 2, 4, 5, 5, 5])
            {
                rounds.Started(now);
                var wait = (rounds.Next - now).TotalSeconds;
                Assert.True(wait >= 0.8 * seconds && wait <= 1.2 * seconds, $"seed {seed}: {wait} s instead of about {seconds}");
                now = rounds.Next;
                rounds.ExchangeEnded(now, moved: false, agreed: true);
            }

            rounds.ExchangeEnded(now, moved: false, agreed: false);
            rounds.Started(now);
            Assert.True((rounds.Next - now).TotalSeconds <= 1.2, $"seed {seed}: still backed off though a peer differed");
        }
    }

    [Fact]
    public void News_that_comes_in_a_burst_starts_one_round_three_milliseconds_after_the_first()
    {
        var rounds = new RoundSchedule(new GossipOptions(), new SplitMix64(1));
        rounds.Started(TimeSpan.Zero);
        var first = TimeSpan.FromMilliseconds(100);
        for (var i = 0; i < 3; i++) rounds.News(first + TimeSpan.FromMilliseconds(i));
        Assert.Equal(first + TimeSpan.FromMilliseconds(3), rounds.Next);
    }

    [Fact]
    public void At_most_two_exchanges_are_under_way_however_many_rounds_are_due()
    {
        var signers = Enumerable.Range(1, 10).Select(number => new KeyedHashSigner((ulong)number)).ToArray();
        var engine = new LoneEngine(LoneEngine.Found(signers[0], signers[1..]), signers[0], [.. signers.Skip(1).Select(signer => signer.Agent)]);
        var open = new Queue<GossipEffect.Call>();
        for (var round = 0; round < 50; round++)
        {
            engine.Append(LoneEngine.Note($"{round}"));
            engine.Commit();
            foreach (var call in engine.Round()) open.Enqueue(call);
            Assert.Equal(2, open.Count);
            if (round % 2 == 0) engine.Step(new GossipInput.Answered(open.Dequeue().CallId, new GossipMessage.Refused(RefusalReason.Busy, "later")));
        }
    }
}
