using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class FairnessTests
{
    [Fact]
    public void While_all_write_all_the_time_the_full_clock_is_never_sent()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            var all = new Neighbourhood(24, seed);
            for (var i = 0; i < 60; i++)
            {
                for (var agent = 0; agent < 24; agent++) all[agent].Append(LoneEngine.Note($"{i}"));
                all.Run(TimeSpan.FromMilliseconds(100));
            }

            Assert.DoesNotContain(all.Messages, sent => sent.Message is GossipMessage.Syn { Page: not null });
        }
    }

    /// <summary>64 agents write all the time, some four times as much as others; frames have room for some dozens of segments, and with a
    /// fifth of the messages lost many exchanges break off before they have brought everything.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void While_all_write_no_chain_takes_more_than_three_times_the_mean_to_reach_the_others(int lossPercent)
    {
        const int Agents = 64;
        const int Rounds = 8;
        for (ulong seed = 1; seed <= 2; seed++)
        {
            var random = new SplitMix64(seed);
            var simulation = new LockStepSimulation(Agents, seed, new GossipOptions { FrameBudgetBytes = 16 * 1024 }) { Arrives = (_, _) => random.Below(100) >= lossPercent };
            var written = new Dictionary<EventId, int>();
            var waited = new Dictionary<ChainId, (long Rounds, long Deliveries)>();
            var seen = simulation.Agents.ToDictionary(agent => agent.Id, agent => agent.Log.Count);
            for (var round = 1; round <= Rounds; round++)
            {
                foreach (var agent in simulation.Agents)
                {
                    for (var writes = agent.Number < 6 ? 4 : 1; writes > 0; writes--)
                    {
                        simulation.Append(agent, EventCatalogue.Draft(new DiscoveryShared(new string('x', random.Below(600)))));
                        written.Add(agent.Log[^1].Chain[agent.Log[^1].Last], round);
                    }
                }

                simulation.Round();
                Note(round);
            }

            for (var round = Rounds + 1; !simulation.HasConverged; round++)
            {
                Assert.True(round < 100, $"seed {seed}: not converged");
                simulation.Round();
                Note(round);
            }

            var mean = waited.Values.Sum(chain => chain.Rounds) / (double)waited.Values.Sum(chain => chain.Deliveries);
            Assert.Equal(Agents, waited.Count);
            foreach (var (chain, (rounds, deliveries)) in waited)
                Assert.True(rounds / (double)deliveries <= 3 * mean, $"seed {seed}: {chain} takes {rounds / (double)deliveries:F2} rounds, all {mean:F2}");

            void Note(int round)
            {
                foreach (var agent in simulation.Agents)
                {
                    foreach (var run in agent.Log.Skip(seen[agent.Id]).Where(run => run.Chain.Agent != agent.Id))
                    {
                        for (var sequence = run.First; sequence <= run.Last; sequence++)
                        {
                            var (rounds, deliveries) = waited.GetValueOrDefault(run.Chain);
                            waited[run.Chain] = (rounds + round - written[run.Chain[sequence]], deliveries + 1);
                        }
                    }

                    seen[agent.Id] = agent.Log.Count;
                }
            }
        }
    }
}
