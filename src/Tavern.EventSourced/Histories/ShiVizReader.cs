using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Histories;

/// <summary>Reads a log with vector clocks: hosts and their numbers are kept, and what happened before what is what the clocks say.</summary>
internal sealed class ShiVizReader(HistorySource source)
{
    private readonly SpeakerList _hosts = new(source.File);

    public RecordedHistory Read()
    {
        var matches = new LogMatches(source, HistoryEncoding.TextOf(source).Replace("\r\n", "\n", StringComparison.Ordinal));
        var lines = new List<LogLine>();
        foreach (var match in matches.All())
        {
            if (lines.Count == HistoryLimits.EventsMax)
                throw new MalformedHistoryException(source.File, $"line {match.Line}", $"the log has more than {HistoryLimits.EventsMax} records.", "Split it.");
            lines.Add(LineOf(match));
        }

        matches.RequireAll(lines.Count);
        var speakers = lines.Select(line => line.Host).ToHashSet();
        var names = _hosts.Names;
        foreach (var line in lines)
            foreach (var (host, _) in line.Clock.Entries)
                if (!speakers.Contains(host))
                    throw new MalformedHistoryException(
                        source.File, line.Place, $"its clock names the host '{names[host]}', of which the file has no event.",
                        "Expected every host that a clock names; export the log whole, or let the pattern match that host's lines.");
        return new RecordedHistory(
            HistoryFormat.ShiViz, source.File, Hash.Of(source.Content.Span), names,
            [.. new ClockOrder(source.File, names, lines).Arrange().Select(arranged => EventOf(arranged.Line, arranged.Heads))])
        {
            UnmatchedLines = [.. matches.Unmatched],
        };
    }

    private LogLine LineOf(LogMatch match)
    {
        var place = $"line {match.Line}";
        if (match.Host.Length == 0) throw new MalformedHistoryException(source.File, place, "the host is empty.", "Expected a name; is the pattern right?");
        try
        {
            var host = _hosts.IndexOf(match.Host, place);
            var line = new LogLine(match.Line, host, LogClock.Parse(match.Clock, name => _hosts.IndexOf(name, place)), match.Text, match.Date);
            RecordedSize.Require(source.File, place, ContentOf(line));
            return line;
        }
        catch (FormatException e)
        {
            throw new MalformedHistoryException(source.File, place, e.Message, "Expected a vector clock such as {\"alice\":3, \"bob\":1}.");
        }
    }

    private static RecordedEvent EventOf(LogLine line, ImmutableArray<RecordedId> heads) => new(line.Id, RecordedDate.TimeOf(line.Date), heads, [], ContentOf(line));

    private static RecordedContent.Line ContentOf(LogLine line) => new(line.Text, line.Number, line.Date);
}
