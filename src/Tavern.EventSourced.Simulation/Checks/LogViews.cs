using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Simulation.Checks;

/// <summary>What agents make of their logs: the built-in view, whose hash must be the same for the same events in any legal order.</summary>
internal static class LogViews
{
    /// <summary>The hash of the view over an agent's log, in the log's order.</summary>
    public static Hash Of(SimulatedAgent agent) => Of(agent, [.. agent.Node!.SegmentsOf(agent)]);

    /// <summary>The hash of the view over an agent's log, in a random order in which causes come first.</summary>
    public static Hash OfShuffled(SimulatedAgent agent, SplitMix64 random)
    {
        var waiting = agent.Node!.SegmentsOf(agent).ToList();
        var (order, heads) = (new List<Segment>(waiting.Count), new Dictionary<ChainId, long>());
        while (waiting.Count > 0)
        {
            var ready = waiting.Where(segment => IsReady(segment, agent, heads)).ToList();
            var next = ready[random.Below(ready.Count)];
            waiting.Remove(next);
            order.Add(next);
            heads[next.Chain] = next.Last;
        }

        return Of(agent, order);
    }

    private static Hash Of(SimulatedAgent agent, List<Segment> order)
    {
        var (causality, records) = (new CausalIndex(), new Dictionary<EventId, EventRecord>());
        var runner = new ViewRunner(causality);
        foreach (var segment in order)
        {
            foreach (var record in segment.Records)
            {
                var isFirst = record.Id.Sequence == segment.First;
                causality.Append(record.Id, isFirst ? DependenciesOf(segment, agent) : [], isFirst ? BranchingPoint(segment, agent) : null);
                records.Add(record.Id, record);
                runner.Add(record);
            }
        }

        return ViewHash.Of(runner.Read(id => records[id]).State);
    }

    private static bool IsReady(Segment segment, SimulatedAgent agent, Dictionary<ChainId, long> heads) =>
        (BranchingPoint(segment, agent) is { } left
            ? heads.GetValueOrDefault(segment.Chain) == 0 && heads.GetValueOrDefault(left.Chain) >= left.Sequence
            : heads.GetValueOrDefault(segment.Chain) == segment.First - 1)
        && DependenciesOf(segment, agent).All(head => heads.GetValueOrDefault(head.Chain) >= head.Sequence);

    /// <summary>The record on another branch that a segment follows, if it is the first of its branch; null for all others.</summary>
    private static EventId? BranchingPoint(Segment segment, SimulatedAgent agent) =>
        agent.Node!.Index.PredecessorOf(segment.Chain[segment.First]) is { } before && before.Chain != segment.Chain ? before : null;

    private static ImmutableArray<EventId> DependenciesOf(Segment segment, SimulatedAgent agent) =>
        agent.Node!.Index.TryGetSegment(segment.Chain[segment.First], out var entry)
            ? entry.Dependencies
            : throw new InvalidOperationException($"{agent} does not hold {segment.Chain[segment.First]}.");
}
