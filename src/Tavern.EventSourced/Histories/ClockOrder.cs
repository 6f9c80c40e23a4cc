using System.Collections.Immutable;

namespace Tavern.EventSourced.Histories;

/// <summary>Puts the records of a log into an order in which causes come first, and finds for each the fewest heads whose closure is
/// exactly what its clock says. Clocks that contradict each other are refused: no order of events would agree with them.</summary>
internal sealed class ClockOrder(string file, ImmutableArray<string> hosts, IReadOnlyList<LogLine> lines)
{
    private readonly Dictionary<RecordedId, LogLine> _byId = new(lines.Count);

    /// <summary>The records with their heads, causes first.</summary>
    /// <exception cref="MalformedHistoryException">Numbers have holes or come twice, or clocks contradict each other.</exception>
    public IReadOnlyList<(LogLine Line, ImmutableArray<RecordedId> Heads)> Arrange()
    {
        foreach (var line in lines) Number(line);
        foreach (var line in lines)
            if (line.Id.Sequence > 1 && !_byId.ContainsKey(line.Id with { Sequence = line.Id.Sequence - 1 }))
                throw Refuse(
                    line, $"it is {NameOf(line.Id)}, but the file has no {NameOf(line.Id with { Sequence = line.Id.Sequence - 1 })}.",
                    "Expected the numbers of a host from 1 without holes; export the log whole, or let the pattern match the missing line.");
        // A clock that includes another's is larger in sum, so causes come first; of contradicting clocks the check finds one.
        return [.. lines.OrderBy(line => line.Clock.Sum).ThenBy(line => line.Number).Select(line => (line, HeadsOf(line)))];
    }

    private void Number(LogLine line)
    {
        if (line.Id.Sequence == 0)
            throw Refuse(line, $"the clock does not name its own host '{hosts[line.Host]}'.", "Expected the host's own number in its clock; is the pattern's host the right part?");
        if (!_byId.TryAdd(line.Id, line))
            throw Refuse(
                line, $"it is {NameOf(line.Id)}, which line {_byId[line.Id].Number} is already.",
                "Expected each number of a host once; a file with several executions must be split into one file each.");
    }

    private ImmutableArray<RecordedId> HeadsOf(LogLine line)
    {
        var before = line.Id.Sequence > 1 ? _byId[line.Id with { Sequence = line.Id.Sequence - 1 }] : null;
        if (before is not null) RequireWithin(before, line);
        var news = new List<LogLine>();
        foreach (var (host, number) in line.Clock.Entries)
            if (host != line.Host && number > (before?.Clock[host] ?? 0)) news.Add(Find(line, new RecordedId(host, number)));

        // From the latest down: what a head already knows needs no head of its own.
        var heads = new List<LogLine>();
        foreach (var head in news.OrderByDescending(head => head.Clock.Sum))
        {
            if (heads.Exists(later => later.Clock[head.Host] >= head.Id.Sequence)) continue;
            RequireWithin(head, line);
            heads.Add(head);
            if (heads.Count > HistoryLimits.HeadsMax)
                throw Refuse(
                    line, $"it hears at once from more than {HistoryLimits.HeadsMax} hosts that did not hear from each other.",
                    "Expected fewer: an event's header has no room for more. This log cannot be imported.");
        }

        return [.. heads.Select(head => head.Id)];
    }

    private LogLine Find(LogLine line, RecordedId id) => _byId.TryGetValue(id, out var found)
        ? found
        : throw Refuse(
            line, $"its clock names {NameOf(id)}, which is not in the file.",
            "Expected every event that a clock names; export the log whole, or let the pattern match the missing line.");

    /// <summary>What happened before a record is known to it wholly, and is not the same as it.</summary>
    private void RequireWithin(LogLine past, LogLine line)
    {
        if (past.Clock.FirstBeyond(line.Clock) is { } host)
            throw Refuse(
                line, $"it comes after {NameOf(past.Id)} (line {past.Number}), which knows {NameOf(new RecordedId(host, past.Clock[host]))}, but its own clock knows " +
                    $"{(line.Clock[host] == 0 ? $"nothing of {hosts[host]}" : $"only {NameOf(new RecordedId(host, line.Clock[host]))}")}.",
                "Expected clocks that hold all that their causes knew and never go backwards; the log's clocks contradict each other.");
        if (past.Clock.Sum == line.Clock.Sum)
            throw Refuse(line, $"its clock is the same as that of {NameOf(past.Id)} (line {past.Number}), so each would be before the other.", "Expected a clock of its own for each event.");
    }

    private string NameOf(RecordedId id) => $"{hosts[id.Speaker]}:{id.Sequence}";

    private MalformedHistoryException Refuse(LogLine line, string what, string next) => new(file, line.Place, what, next);
}
