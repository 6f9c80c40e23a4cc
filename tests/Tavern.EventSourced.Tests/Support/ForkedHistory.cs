using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Makes random histories in which one to three agents write two lines or more, from any place in their logs: forks of forks, at the very first
/// record, of later epochs, by the root. The others hear this or that line and build on it; they show proofs, right and wrong ones, and endorse
/// epochs, those that they may and others.</summary>
public static class ForkedHistory
{
    public static TestTavern Generate(ulong seed, int steps = 110)
    {
        var tavern = HistoryGenerator.Generate(seed, steps: 40, agentsMax: 6);
        var random = tavern.Random;
        List<TestAgent> liars = [.. Enumerable.Range(0, 1 + random.Below(3)).Select(_ => Pick(random, tavern.Agents))];
        for (var step = 0; step < steps; step++)
        {
            var agent = Pick(random, tavern.Agents);
            if (random.Below(2) == 0) agent.Hear(Pick(random, tavern.Agents), 1 + random.Below(12));
            switch (random.Below(14))
            {
                case 0 when liars.Count < 7:
                    liars.Add(Pick(random, liars) is var liar && random.Below(3) == 0 ? liar.Fork() : liar.Fork(random.Below(liar.Delivered.Count + 1)));
                    HistoryGenerator.Act(tavern, liars[^1], agentsMax: 7);
                    break;
                case 1 or 2:
                    Expose(agent);
                    break;
                case 3 when random.Below(2) == 0 && Pick(random, liars) is { Delivered.Count: > 0 } loser:
                    loser.LoseDisk(1 + random.Below(loser.Delivered.Count));
                    break;
                case 4 or 5:
                    Endorse(tavern, agent);
                    break;
                default:
                    HistoryGenerator.Act(tavern, agent, agentsMax: 7);
                    break;
            }
        }

        return tavern;
    }

    /// <summary>Shows what the agent holds two of, at the lowest place of some chain.</summary>
    private static void Expose(TestAgent agent)
    {
        var doubled = agent.Delivered.SelectMany(segment => segment.Records).GroupBy(record => record.Id.Main).Where(group => group.Count() > 1)
            .MinBy(group => group.Key);
        if (doubled?.ToList() is not [var a, var b, ..]) return;
        agent.Write(new ForkDetected(a.Id.Agent, a.Id.Epoch, a.Id.Sequence, a.HeaderBytes.ToArray(), [], b.HeaderBytes.ToArray(), []));
    }

    private static void Endorse(TestTavern tavern, TestAgent agent)
    {
        List<EventRecord> starts = [.. agent.Delivered.Select(segment => segment.Records[0]).Where(record => record.Id is { Epoch: > 1, Sequence: 1 })];
        if (starts.Count == 0) return;
        var start = Pick(tavern.Random, starts);
        agent.Write(new EpochEndorsed(start.Id.Agent, start.Id.Epoch, tavern.Random.Below(8) == 0 ? start.Header.Previous : start.Hash));
    }

    private static T Pick<T>(SplitMix64 random, IReadOnlyList<T> items) => items[random.Below(items.Count)];
}
