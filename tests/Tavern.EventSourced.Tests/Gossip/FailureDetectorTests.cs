using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Gossip;

public class FailureDetectorTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(16)]
    public void Whoever_stops_is_dead_to_all_and_nobody_else_is_and_when_it_returns_it_is_alive_to_all(int agents)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var all = new Neighbourhood(agents, seed);
            all.Run(Minute);
            all.Stop(1);
            Assert.True(all.RunUntil(() => all.OthersThan(1).All(other => all.Opinion(other, 1).Liveness is Liveness.Dead), 5 * Minute), $"seed {seed}: not dead to all");
            foreach (var other in all.OthersThan(1))
            {
                var opinion = all.Opinion(other, 1);
                Assert.NotNull(opinion.LivenessSince);
                Assert.Contains(opinion.LivenessBy!.Value, all.OthersThan(1).Select(all.IdOf));
                Assert.All(all.OthersThan(1).Where(third => third != other), third => Assert.True(all.Opinion(other, third).Liveness is Liveness.Alive, $"seed {seed}"));
            }

            all.Start(1, DateTimeOffset.UnixEpoch + all.Elapsed);
            Assert.True(all.RunUntil(() => all.OthersThan(1).All(other => all.Opinion(other, 1).Liveness is Liveness.Alive), 5 * Minute), $"seed {seed}: not alive to all");
        }
    }

    [Fact]
    public void Whoever_restarts_with_a_clock_that_jumped_back_refutes_that_it_is_dead_with_a_higher_incarnation()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var all = new Neighbourhood(8, seed);
            all.Start(3, DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));
            all.Run(Minute);
            all.Stop(3);
            Assert.True(all.RunUntil(() => all.OthersThan(3).All(other => all.Opinion(other, 3).Liveness is Liveness.Dead), 5 * Minute), $"seed {seed}: not dead to all");
            all.Messages.Clear();
            all.Start(3, DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1));
            Assert.True(all.RunUntil(() => all.OthersThan(3).All(other => all.Opinion(other, 3).Liveness is Liveness.Alive), 5 * Minute), $"seed {seed}: not alive to all");
            var refuted = all.Messages.SelectMany(sent => RumoursOf(sent.Message)).Where(rumour => rumour.About == all.IdOf(3) && rumour.Liveness is Liveness.Alive).ToList();
            Assert.Contains(refuted, rumour => Incarnation.OrderOf(rumour.Incarnation) > TimeSpan.FromDays(20_000).TotalSeconds);
        }
    }

    [Fact]
    public void A_peer_that_others_reach_is_not_suspected()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var all = new Neighbourhood(6, seed) { Reaches = (from, to) => (from, to) is not (0, 1) and not (1, 0) };
            for (var i = 0; i < 3000; i++)
            {
                all.Run(TimeSpan.FromMilliseconds(100));
                Assert.True(all.Opinion(0, 1).Liveness is Liveness.Alive, $"seed {seed}: suspected after {i} steps");
            }

            Assert.True(all.Opinion(0, 1).FailuresInARow > 0);
            Assert.Contains(all.Messages, sent => sent.Message is GossipMessage.Probe { Target: { } target } && target == all.IdOf(1));
        }
    }

    [Fact]
    public void While_all_is_quiet_nothing_is_said_and_an_idle_exchange_stays_small_also_after_somebody_returned()
    {
        var all = new Neighbourhood(6, 1);
        all.Run(5 * Minute); // all have met
        all.Messages.Clear();
        all.Run(5 * Minute);
        AssertQuiet(all);
        all.Stop(2);
        all.Run(5 * Minute);
        all.Start(2, DateTimeOffset.UnixEpoch + all.Elapsed);
        all.Run(10 * Minute);
        all.Messages.Clear();
        all.Run(5 * Minute);
        AssertQuiet(all);

        static void AssertQuiet(Neighbourhood all)
        {
            Assert.All(all.Messages, sent => Assert.True(sent.Message is GossipMessage.Syn or GossipMessage.SynAck));
            Assert.All(all.Messages, sent => Assert.Empty(RumoursOf(sent.Message)));
            var plain = all.Messages.Where(sent => sent.Message is GossipMessage.Syn { Nonce: 0 }).Select(sent =>
                GossipCodec.EncodeCall(new GossipEnvelope(1, all.IdOf(sent.From), all.IdOf(sent.To), sent.Message)).Length).Max();
            var answers = all.Messages.Where(sent => sent.Message is GossipMessage.SynAck { Nonce: 0 }).Select(sent => GossipCodec.EncodeReply(sent.Message).Length).Max();
            Assert.True(plain + answers <= 128, $"{plain} + {answers} bytes");
        }
    }

    [Fact]
    public void Halves_that_were_cut_apart_until_each_is_dead_to_the_other_find_each_other_again()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var all = new Neighbourhood(10, seed);
            all.Run(Minute);
            all.Reaches = (from, to) => from % 2 == to % 2;
            Assert.True(all.RunUntil(() => all.OthersThan(0).Where(other => other % 2 == 1).All(other => all.Opinion(0, other).Liveness is Liveness.Dead), 20 * Minute), $"seed {seed}: still alive");
            all[0].Append(LoneEngine.Note("news"));
            all[1].Append(LoneEngine.Note("other news"));
            all.Run(Minute);
            all.Reaches = (_, _) => true;
            Assert.True(all.RunUntil(() => all.OthersThan(0).All(other => all[other].Status.Clock.Equals(all[0].Status.Clock)), 2 * Minute), $"seed {seed}: not converged");
            Assert.True(
                all.RunUntil(() => all.OthersThan(-1).All(one => all.OthersThan(one).All(other => all.Opinion(one, other).Liveness is Liveness.Alive)), 10 * Minute),
                $"seed {seed}: somebody is dead for ever");
        }
    }

    [Fact]
    public void A_member_that_lies_makes_others_call_somebody_less_often_and_never_not_at_all()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var random = new SplitMix64(seed);
            var all = new Neighbourhood(8, seed) { Reaches = (from, to) => to != 2 || from == 0 }; // only what agent 0 itself finds can help
            all.Run(Minute);
            all.Messages.Clear();
            for (var second = 0; second < 600; second++)
            {
                var lie = new Rumour(all.IdOf(2), (Liveness)(1 + random.Below(2)), random.Below(2) == 0 ? ulong.MaxValue : random.Next(), all.IdOf(random.Below(8)));
                all[0].Elapsed = all.Elapsed;
                all[0].Called(all.IdOf(1), new GossipMessage.Probe(1) { Rumours = [lie] });
                all.Run(TimeSpan.FromSeconds(1));
            }

            var calls = all.Messages.Count(sent => sent is { From: 0, To: 2, Message: GossipMessage.Syn });
            Assert.True(calls >= 10, $"seed {seed}: {calls} calls in 10 minutes");
        }
    }

    [Fact]
    public void Rumours_of_earlier_lives_of_strangers_and_of_more_than_fit_are_dropped_and_a_message_carries_few()
    {
        var all = new Neighbourhood(20, 1);
        all.Run(Minute);
        var life = all[0].Engine.Status(default).Peers.Count;
        Assert.Equal(19, life);
        all[1].Called(all.IdOf(2), new GossipMessage.Probe(Incarnation.AtStart(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1), 1)));
        Said(new Rumour(all.IdOf(2), Liveness.Suspected, Incarnation.AtStart(DateTimeOffset.UnixEpoch + TimeSpan.FromHours(1), 1), all.IdOf(3)));
        Assert.Equal(Liveness.Alive, all.Opinion(1, 2).Liveness);
        Said(new Rumour(new KeyedHashSigner(999).Agent, Liveness.Suspected, 1, all.IdOf(3)));
        Assert.DoesNotContain(all[1].Status.Peers, peer => peer.Liveness is not Liveness.Alive);

        Said([.. Enumerable.Range(4, 16).Select(agent => new Rumour(all.IdOf(agent), Liveness.Suspected, ulong.MaxValue, all.IdOf(3)))]);
        Assert.Equal(16, all[1].Status.Peers.Count(peer => peer.Liveness is Liveness.Suspected));
        var answer = Assert.IsType<GossipMessage.Alive>(all[1].Called(all.IdOf(2), new GossipMessage.Probe(1)));
        Assert.Equal(8, answer.Rumours.Length);

        void Said(params Rumour[] rumours) => all[1].Called(all.IdOf(3), new GossipMessage.Probe(1) { Rumours = [.. rumours] });
    }

    [Fact]
    public void Whoever_is_asked_to_try_a_peer_says_so_at_once_and_calls_back_only_when_the_peer_itself_answered()
    {
        KeyedHashSigner root = new(1), target = new(2), asker = new(3);
        var helper = new LoneEngine(LoneEngine.Found(root, target, asker), root, [target.Agent, asker.Agent]);
        var somebodyElse = new GossipMessage.Refused(RefusalReason.NotHosted, "not here");
        Assert.Empty(ReportsAfter(call => new GossipInput.Answered(call, somebodyElse)));
        Assert.Empty(ReportsAfter(call => new GossipInput.CallFailed(call, "no answer")));
        var report = Assert.Single(ReportsAfter(call => new GossipInput.Answered(call, new GossipMessage.Alive(7))));
        Assert.Equal(asker.Agent, report.To);
        var rumour = Assert.Single(((GossipMessage.Probe)report.Message!).Rumours);
        Assert.Equal((target.Agent, Liveness.Alive, 7ul), (rumour.About, rumour.Liveness, rumour.Incarnation));

        List<GossipEffect.Call> ReportsAfter(Func<long, GossipInput> outcome)
        {
            var effects = helper.Step(new GossipInput.Called(1, asker.Agent, false, new GossipMessage.Probe(1, target.Agent)));
            Assert.IsType<GossipMessage.Alive>(Assert.Single(effects.OfType<GossipEffect.Respond>()).Message);
            var probe = Assert.Single(effects.OfType<GossipEffect.Call>());
            Assert.Equal(target.Agent, probe.To);
            return [.. helper.Step(outcome(probe.CallId)).OfType<GossipEffect.Call>()];
        }
    }

    [Fact]
    public void A_member_that_asks_for_very_many_probes_is_answered_and_not_helped_with_all()
    {
        KeyedHashSigner root = new(1), target = new(2), asker = new(3);
        var helper = new LoneEngine(LoneEngine.Found(root, target, asker), root, [target.Agent, asker.Agent]);
        var probes = 0;
        for (var i = 0; i < 1000; i++)
            probes += helper.Step(new GossipInput.Called(i, asker.Agent, false, new GossipMessage.Probe(1, target.Agent))).OfType<GossipEffect.Call>().Count();
        Assert.Equal(64, probes);
    }

    [Fact]
    public void A_suspicion_runs_out_the_earlier_the_more_confirm_it_and_the_later_the_worse_this_agent_does()
    {
        var second = TimeSpan.FromSeconds(1);
        var ids = Enumerable.Range(1, 9).Select(number => new KeyedHashSigner((ulong)number).Agent).ToArray();
        var suspicion = new Suspicion(ids[0], second, second, 3);
        var deadlines = new List<TimeSpan> { suspicion.Deadline };
        Assert.False(suspicion.Confirm(ids[0])); // the same is no confirmation
        for (var i = 1; i <= 3; i++)
        {
            Assert.True(suspicion.Confirm(ids[i]));
            deadlines.Add(suspicion.Deadline);
        }

        Assert.False(suspicion.Confirm(ids[4])); // enough is enough
        Assert.Equal([7 * second, 4.5 * second, 3.05 * second, 2 * second], deadlines);
        Assert.Equal(2 * second, new Suspicion(ids[0], second, second, 0).Deadline); // nobody is there to confirm

        var health = new LocalHealth();
        Assert.Equal(1, health.Patience);
        for (var i = 0; i < 20; i++) health.Worse();
        Assert.Equal(9, health.Patience);
        health.Better();
        Assert.Equal(8, health.Patience);
    }

    [Fact]
    public void An_incarnation_orders_lives_by_the_clock_and_is_raised_above_what_was_said()
    {
        var (early, late) = (Incarnation.AtStart(DateTimeOffset.UnixEpoch, 0xFFFF_FFFF_0000_0007), Incarnation.AtStart(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(9), 5));
        Assert.Equal((0u, 7u), (Incarnation.OrderOf(early), Incarnation.StartOf(early)));
        Assert.True(late > early);
        var raised = Incarnation.Above(early, late);
        Assert.Equal((Incarnation.OrderOf(late) + 1, 7u), (Incarnation.OrderOf(raised), Incarnation.StartOf(raised)));
        Assert.Equal(ulong.MaxValue, Incarnation.Above(ulong.MaxValue, 3));
        Assert.Equal(0u, Incarnation.OrderOf(Incarnation.AtStart(DateTimeOffset.MinValue, 1)));
        Assert.Equal(uint.MaxValue, Incarnation.OrderOf(Incarnation.AtStart(DateTimeOffset.MaxValue, 1)));
    }

    private static ImmutableArray<Rumour> RumoursOf(GossipMessage message) => message switch
    {
        GossipMessage.Syn syn => syn.Rumours,
        GossipMessage.SynAck ack => ack.Rumours,
        GossipMessage.Probe probe => probe.Rumours,
        GossipMessage.Alive alive => alive.Rumours,
        _ => [],
    };
}
