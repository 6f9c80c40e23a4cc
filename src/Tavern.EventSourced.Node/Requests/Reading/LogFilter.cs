using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An <see cref="EventFilter"/> with names looked up, for the log of one agent.</summary>
/// <param name="Holder">Whose log.</param>
internal sealed record LogFilter(AgentId Holder)
{
    private const int TextCharsMax = 256; // a sentence to look for, not a document

    private HashSet<AgentId> Writers { get; init; } = [];

    private HashSet<string> Types { get; init; } = [];

    private string? Text { get; init; }

    private VectorClock? Within { get; init; }

    private VectorClock? Without { get; init; }

    /// <summary>Looks everything up.</summary>
    /// <exception cref="RefusedException">An agent, point or type cannot be what it says.</exception>
    public static LogFilter Of(Witness witness, EventFilter? filter)
    {
        var wanted = new LogFilter(witness.Observer);
        if (filter is null) return wanted;
        wanted = wanted with
        {
            Writers = [.. Split(filter.Agents, "agent").Select(witness.Agent)],
            Types = Split(filter.Types, "type").Select(TypeOf).ToHashSet(StringComparer.OrdinalIgnoreCase),
            Text = filter.Text is null or { Length: > 0 and <= TextCharsMax } ? filter.Text
                : throw RefusedException.Invalid($"The text to look for has {filter.Text.Length} characters; expected 1 to {TextCharsMax}."),
        };
        if (filter.Within is { } within) wanted = wanted.Inside(witness, within);
        if (filter.Since is not { } since) return wanted;
        var cut = witness.Cut(since).Clock;
        return wanted with { Without = wanted.Without is { } other ? cut.Merge(other) : cut };
    }

    /// <summary>False when an event is unwanted whatever its record holds.</summary>
    public bool MayWant(EventId id) =>
        (Writers.Count == 0 || Writers.Contains(id.Agent)) && Within?.Covers(id) is not false && Without?.Covers(id) is not true;

    /// <summary>True when the record of an event that may be wanted is.</summary>
    public bool Wants(EventRecord record) =>
        (Types.Count == 0 || Types.Contains(record.Header.Type))
        && (Text is null || record.Header.Type.Contains(Text, StringComparison.OrdinalIgnoreCase) || JsonText.Contains(record.Payload.Span, Text));

    private LogFilter Inside(Witness witness, string point) => point.Contains('=', StringComparison.Ordinal)
        ? this with { Within = witness.Cut(point).Clock }
        : witness.Resolve(point) switch
        {
            PointResolution.Range range => this with { Within = range.To, Without = range.From },
            PointResolution.Seen seen => this with { Within = SeenBy(witness, seen), Writers = [seen.Subject] },
            PointResolution.Apart => throw RefusedException.Invalid(
                $"'{point}' names what two points do not share; a log is read within one point or between two, such as gandalf:3..gandalf:9."),
            _ => this with { Within = witness.Cut(point).Clock },
        };

    /// <summary>Of an agent whose log is here, all it has now; of others, what their last event here proves.</summary>
    private static VectorClock SeenBy(Witness witness, PointResolution.Seen seen) =>
        seen.Now && witness.IsHosted(seen.Observer) ? witness.History.Clock(seen.Observer) : seen.Clock;

    private static IEnumerable<string> Split(IReadOnlyList<string> texts, string what) => texts.SelectMany(text => text.Split(',')).Select(text =>
        text.Length > 0 ? text : throw RefusedException.Invalid($"An {what} to look for is empty; expected names with commas between them."));

    private static string TypeOf(string type) => type.Length <= EventLimits.TypeCharsMax && !type.Any(char.IsControl)
        ? type
        : throw RefusedException.Invalid(
            $"A type to look for has {type.Length} characters, or control characters; expected a name such as TaskStarted of at most {EventLimits.TypeCharsMax}.");
}
