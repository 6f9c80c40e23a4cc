using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Causality;

/// <summary>Proofs of happens-before, against a search of the whole graph of chains and dependencies.</summary>
public class CausalPathProperties
{
    private const ulong Seeds = 10;

    [Fact]
    public void There_is_a_proof_exactly_where_one_event_is_before_another_and_it_is_the_shortest()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var history = new CausedHistory(seed, forked: seed % 2 == 0);
            var (all, index) = (history.All, history.Events);
            var later = Later(history);
            for (var i = 0; i < 30; i++)
            {
                var from = all[history.Tavern.Random.Below(all.Count)];
                var passings = Passings(from, later);
                foreach (var to in all)
                {
                    var where = $"seed {seed}: {from} to {to}";
                    var path = CausalPath.Find(index, from, to);
                    if (path is null)
                    {
                        Assert.True(from == to || !passings.ContainsKey(to), $"{where}: no proof was found");
                        continue;
                    }

                    Assert.True(passings.ContainsKey(to), $"{where}: a proof of what is not so");
                    Assert.True(passings[to] == path.Count(step => !step.IsWithinChain), $"{where}: {string.Join(", ", path)} is not the shortest");
                    var at = from;
                    foreach (var step in path)
                    {
                        Assert.True(step.From == at && IsStep(history, step), $"{where}: {step} is no step");
                        at = step.To;
                    }

                    Assert.True(at == to, $"{where}: ends at {at}");
                }
            }
        }
    }

    [Fact]
    public void The_first_event_of_a_chain_that_knows_another_is_found()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var history = new CausedHistory(seed, forked: seed % 2 == 0);
            foreach (var id in history.All)
                foreach (var (chain, head) in history.Events.Heads.Entries)
                {
                    EventId? expected = null;
                    for (var sequence = head; sequence >= history.Events.FirstOf(chain); sequence--)
                        if (chain[sequence] == id || history.Tavern.HappensBefore(id, chain[sequence])) expected = chain[sequence];
                    Assert.True(expected == history.Events.FirstKnowing(chain, id), $"seed {seed}: {id} in {chain} is first known at {expected}");
                }
        }
    }

    private static bool IsStep(CausedHistory history, CausalStep step) => step.IsWithinChain
        ? step.From.Sequence < step.To.Sequence
        : Before(history, history.Tavern.Records[step.To]).Contains(step.From);

    private static ILookup<EventId, EventId> Later(CausedHistory history) => history.Tavern.Records.Values
        .SelectMany(record => Before(history, record).Select(before => (before, record.Id)))
        .ToLookup(pair => pair.before, pair => pair.Id);

    private static IEnumerable<EventId> Before(CausedHistory history, EventRecord record) =>
        history.Tavern.Branches.PredecessorOf(record) is { } before ? [before, .. history.Tavern.Branches.DependenciesOf(record)] : history.Tavern.Branches.DependenciesOf(record);

    /// <summary>Fewest passings between chains to every later event: breadth first, steps within a chain being free.</summary>
    private static Dictionary<EventId, int> Passings(EventId from, ILookup<EventId, EventId> later)
    {
        var (found, waiting) = (new Dictionary<EventId, int> { [from] = 0 }, new LinkedList<EventId>([from]));
        while (waiting.First is { } first)
        {
            waiting.RemoveFirst();
            foreach (var to in later[first.Value])
            {
                var free = to.Chain == first.Value.Chain;
                var passings = found[first.Value] + (free ? 0 : 1);
                if (found.GetValueOrDefault(to, int.MaxValue) <= passings) continue;
                found[to] = passings;
                if (free) waiting.AddFirst(to);
                else waiting.AddLast(to);
            }
        }

        return found;
    }
}
