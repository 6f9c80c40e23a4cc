using System.Text.RegularExpressions;

namespace Tavern.EventSourced.Histories;

/// <summary>One record as a pattern found it.</summary>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Host">The group <c>host</c>.</param>
/// <param name="Clock">The group <c>clock</c>.</param>
/// <param name="Text">The group <c>event</c>.</param>
/// <param name="Date">The group <c>date</c>; null when the pattern has none or it is empty.</param>
internal readonly record struct LogMatch(int Line, string Host, string Clock, string Text, string? Date);

/// <summary>Finds the records of a log with a pattern, and the lines between them that belong to none.</summary>
internal sealed class LogMatches
{
    /// <summary>What ShiViz reads by default, and the same on one line.</summary>
    public const string DefaultPattern = @"^(?<host>\S+)[ \t]+(?<clock>\{[^{}\n]*\})(?:[ \t]*\n(?<event>.*)|[ \t]+(?<event>\S.*))$";

    private const int ListedMax = 20; // line numbers that a message names

    private static readonly string[] Groups = ["host", "clock", "event"];

    private readonly HistorySource _source;
    private readonly string _text;
    private readonly Regex _pattern;
    private string _firstUnmatched = "";
    private int _line = 1;
    private int _at;

    /// <summary>Takes a text whose lines end in <c>\n</c>.</summary>
    /// <exception cref="MalformedHistoryException">The pattern is none, or lacks a group.</exception>
    public LogMatches(HistorySource source, string text)
    {
        (_source, _text) = (source, text);
        try
        {
            _pattern = new Regex(source.Pattern ?? DefaultPattern, RegexOptions.Multiline | RegexOptions.CultureInvariant, HistoryLimits.MatchMax);
        }
        catch (ArgumentException e)
        {
            throw Refuse(null, $"the pattern is not a regular expression: {e.Message}", "Expected one that .NET reads.");
        }

        if (Groups.Except(_pattern.GetGroupNames()).ToList() is { Count: > 0 } missing)
            throw Refuse(null, $"the pattern has no group {string.Join(" and no group ", missing)}.", @"Expected e.g. ^(?<host>\S+) (?<clock>\{.*\}) (?<event>.*)$");
    }

    /// <summary>Lines no part of which is in a record, from 1; blank ones do not count. Complete once all records were read.</summary>
    public List<int> Unmatched { get; } = [];

    /// <summary>The records, in the order of the file. To be read once.</summary>
    /// <exception cref="MalformedHistoryException">The pattern takes too long.</exception>
    public IEnumerable<LogMatch> All()
    {
        for (var match = Next(null); match.Success; match = Next(match))
        {
            if (match.Length == 0) continue;
            SkipTo(match.Index, isEnd: false);
            yield return new LogMatch(
                _line, match.Groups["host"].Value.Trim(), match.Groups["clock"].Value, match.Groups["event"].Value,
                match.Groups["date"] is { Success: true, Length: > 0 } date ? date.Value : null);
            _line += match.ValueSpan.Count('\n');
            _at = match.Index + match.Length;
        }

        SkipTo(_text.Length, isEnd: true);
    }

    /// <summary>Refuses a log with lines that belong to no record, unless that is allowed; and one without records always.</summary>
    /// <exception cref="MalformedHistoryException">It is refused.</exception>
    public void RequireAll(int records)
    {
        if (records == 0)
            throw Refuse(null, $"no line fits the pattern. {FirstUnmatched()}", _source.Pattern is null
                ? "Expected HOST {CLOCK} and the text on the same line or the one below; give another shape with --pattern, " +
                    @"for a clock inside the line e.g. '^(?<date>\S+) (?<host>\S+) (?<event>.*?) (?<clock>\{.*\})$'."
                : @"Look at the pattern; it is matched against the whole text, ^ and $ at every line. A clock inside the line is e.g. (?<clock>\{.*?\}).");
        if (Unmatched.Count == 0 || _source.AllowUnmatched) return;
        throw Refuse(
            null, $"{(Unmatched.Count == 1 ? "a line fits" : $"{Unmatched.Count} lines fit")} no record: {string.Join(", ", Unmatched.Take(ListedMax))}" +
                $"{(Unmatched.Count > ListedMax ? " and more" : "")}. {FirstUnmatched()}",
            "Expected records only; give another shape with --pattern, or leave such lines out with --allow-unmatched.");
    }

    private string FirstUnmatched() => Unmatched is [var line, ..] ? $"Line {line} is \"{_firstUnmatched}\"." : "";

    private Match Next(Match? before)
    {
        try
        {
            return before?.NextMatch() ?? _pattern.Match(_text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw Refuse($"line {_line}", $"the pattern takes more than {HistoryLimits.MatchMax.TotalSeconds} s here.", "Expected a pattern without nested repetition.");
        }
    }

    /// <summary>Goes on to where a match begins, or to the end, noting the lines on the way no part of which is in a match.</summary>
    private void SkipTo(int end, bool isEnd)
    {
        var isWhole = _at == 0 || _text[_at - 1] == '\n';
        while (_at < end)
        {
            var newline = _text.IndexOf('\n', _at, end - _at);
            var rest = _text.AsSpan(_at, (newline < 0 ? end : newline) - _at);
            if (isWhole && (newline >= 0 || isEnd) && !rest.IsWhiteSpace())
            {
                if (Unmatched.Count == 0) _firstUnmatched = LineExcerpt.Of(rest);
                Unmatched.Add(_line);
            }

            if (newline < 0) break;
            isWhole = true;
            _line++;
            _at = newline + 1;
        }
    }

    private MalformedHistoryException Refuse(string? place, string what, string next) => new(_source.File, place, what, next);
}
