using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Clocks of other nodes, where chains have forked: lines go by hashes between nodes, and by numbers within one.</summary>
internal static class ClockLines
{
    /// <summary>Chains of which the node holds several lines; null for none.</summary>
    public static ImmutableArray<ChainId>? ForkedIn(HistoryReader reader)
    {
        ImmutableArray<ChainId> forked = [.. reader.Causality.Heads.Entries.Where(entry => entry.Chain.Branch > 0).Select(entry => entry.Chain.Main).Distinct()];
        return forked.IsEmpty ? null : forked;
    }

    /// <summary>An agent's clock in words that every node understands.</summary>
    /// <param name="reader">Holds its log.</param>
    /// <param name="agent">Whose clock.</param>
    /// <param name="forked">Chains that have forked at the asker; null for none.</param>
    public static AskAnswer.Clock Named(HistoryReader reader, AgentId agent, ImmutableArray<ChainId>? forked)
    {
        var (clock, other) = (reader.Clock(agent), forked is { } asked ? asked.Select(chain => chain.Main).ToHashSet() : []);
        var byLine = clock.Entries.ToLookup(entry => other.Contains(entry.Chain.Main) || reader.Causality.BranchesOf(entry.Chain).Count > 1);
        ImmutableArray<LineEnd> lines = [.. byLine[true].Select(entry => entry.Chain[entry.Sequence]).Select(end => new LineEnd(end.Main, reader.Record(end).Hash))];
        return new AskAnswer.Clock(VectorClock.Of(byLine[false]), reader.LogLength(agent), lines.IsEmpty ? null : lines);
    }

    /// <summary>The clock with this node's numbers. A line whose end is not held gets a number that no line has.</summary>
    public static VectorClock Resolved(HistoryReader reader, AskAnswer.Clock told)
    {
        var (clock, stranger) = (told.Vector, int.MaxValue);
        foreach (var (named, hash) in told.Lines ?? [])
        {
            clock = clock.Merge(reader.Lines.Find(named, hash) is { } end
                ? Along(reader.Causality, end)
                : VectorClock.Of([new ClockEntry(named.Chain with { Branch = stranger-- }, named.Sequence)]));
        }

        return clock;
    }

    /// <summary>A line with those that it leaves.</summary>
    private static VectorClock Along(CausalIndex events, EventId end)
    {
        var entries = new List<ClockEntry>();
        for (EventId? at = end; at is { } id; at = events.PredecessorOf(id.Chain[events.FirstOf(id.Chain)])) entries.Add(new ClockEntry(id.Chain, id.Sequence));
        return VectorClock.Of(entries);
    }
}
