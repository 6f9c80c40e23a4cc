using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Finds the lines of forked chains that records mean by hash. Remembers nothing: hashes are read from the records, and only where a chain has
/// several lines with a record in that place. One owner.</summary>
/// <param name="events">What is held.</param>
/// <param name="read">Reads a held record.</param>
public sealed class HeldLines(CausalIndex events, Func<EventId, EventRecord> read)
{
    /// <summary>The held record in this place whose hash begins so; null when none is. Of a chain with a single line its record is taken at its word:
    /// what names a record of another line is not held before that line is.</summary>
    /// <param name="id">The place; its branch is not looked at.</param>
    /// <param name="hashPrefix">As in <see cref="Hash.Prefix"/>.</param>
    public EventId? Find(EventId id, UInt128 hashPrefix)
    {
        var lines = events.BranchesOf(id.Chain);
        if (lines.Count == 1) return events.Contains(lines[0][id.Sequence]) ? lines[0][id.Sequence] : null;
        foreach (var line in lines)
            if (events.Contains(line[id.Sequence]) && read(line[id.Sequence]).Hash.Prefix == hashPrefix) return line[id.Sequence];
        return null;
    }

    /// <summary>The held record in this place with exactly this hash; null when none is.</summary>
    /// <param name="id">The place; its branch is not looked at.</param>
    /// <param name="hash">The record's hash.</param>
    public EventId? Find(EventId id, Hash hash)
    {
        foreach (var line in events.BranchesOf(id.Chain))
            if (events.Contains(line[id.Sequence]) && read(line[id.Sequence]).Hash == hash) return line[id.Sequence];
        return null;
    }

    /// <summary>The branch that holds the first record of the line that a branch is on.</summary>
    internal ChainId RootOf(ChainId branch) => RootOf(events, branch);

    /// <inheritdoc cref="RootOf(ChainId)"/>
    internal static ChainId RootOf(CausalIndex events, ChainId branch)
    {
        while (events.FirstOf(branch) > 1 && events.PredecessorOf(branch[events.FirstOf(branch)]) is { } left) branch = left.Chain;
        return branch;
    }

    /// <summary>The heads on the lines that are meant; one that is not held as it was named.</summary>
    internal ImmutableArray<EventId> Heads(Dependencies deps)
    {
        if (!deps.Heads.Any(head => events.BranchesOf(head.Chain) is not [{ Branch: 0 }])) return deps.Heads;
        return [.. deps.Heads.Select((head, i) => Find(head, deps.HeadHashes[i]) ?? head)];
    }

    /// <summary>The record on another line that this one follows, when it is the first of a branch; null otherwise.</summary>
    internal EventId? Left(EventRecord record) => record.Id is { Branch: > 0, Sequence: > 1 } id && events.HeadOf(id.Chain) == 0
        ? Find(id.Chain[id.Sequence - 1], record.Header.Previous.Prefix)
        : null;
}
