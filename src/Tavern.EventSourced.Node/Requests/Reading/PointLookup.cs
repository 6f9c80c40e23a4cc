using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Finds the points in history that people name, in a witness's log.</summary>
internal static class PointLookup
{
    /// <summary>The witness at a point; the witness itself for null.</summary>
    /// <exception cref="RefusedException">The text is no point, the point is unknown, or the cut is open.</exception>
    public static Witness AsOf(this Witness witness, string? point, bool close = false)
    {
        if (point is null) return witness;
        var (cut, approximate) = witness.Cut(point, close);
        return witness.At(cut, approximate);
    }

    /// <summary>The cut that a text names, and whether it is approximate.</summary>
    /// <exception cref="RefusedException">The text is no point, the point is unknown, or the cut is open.</exception>
    public static (VectorClock Clock, bool Approximate) Cut(this Witness witness, string point, bool close = false)
    {
        if (CursorOf(point) is { } cursor) return (Closed(witness, cursor, close), false);
        if (PointSyntax.TryParse(point, out var parsed, out _) && parsed is HistoryPoint.Event { Sequence: null } word && witness.Names.Find(word.Agent) is NameLookup.Unknown)
            throw RefusedException.NotFound(
                $"'{point}' is no point in history: no agent is known by that name here, and it is no time. Expected an event (gandalf:42), a cut " +
                    $"(jake:80,gandalf:41), all that an agent has (gandalf), an age (-5m, -2h, -1d), or a time (2026-11-22T09:14Z).");
        return Resolve(witness, point, close) switch
        {
            PointResolution.Cut cut => (cut.Clock, cut.Approximate),
            PointResolution.Seen seen => throw RefusedException.Invalid(
                $"'{point}' names what {witness.Names.DisplayNameOf(seen.Observer)} sees of " +
                    $"{witness.Names.DisplayNameOf(seen.Subject)}, not a cut. Name the observer and the agent apart, and a cut such " +
                        $"as {witness.Names.DisplayNameOf(seen.Observer)}:80."),
            var resolution => PointResolver.CutOf(resolution) is { } clock
                ? (clock, false)
                : throw RefusedException.Invalid($"'{point}' names a range; expected one point, such as gandalf:42 or -5m."),
        };
    }

    /// <summary>The event that a text names.</summary>
    /// <exception cref="RefusedException">The text names none, or one that is not held.</exception>
    public static EventId Event(this Witness witness, string text) => Resolve(witness, text, close: false) is PointResolution.Event one
        ? one.Id
        : throw RefusedException.Invalid($"'{text}' is not one event; expected AGENT:SEQUENCE such as gandalf:42.");

    /// <summary>The event that a text names, which the witness itself has.</summary>
    /// <exception cref="RefusedException">The text names none, or one that the witness has not heard of.</exception>
    public static EventId OwnEvent(this Witness witness, string text)
    {
        var id = witness.Event(text);
        return witness.Clock.Covers(id)
            ? id
            : throw RefusedException.NotFound($"{witness.Names.DisplayNameOf(witness.Observer)} has not heard of " +
                $"{witness.Of(id).Name} yet, so it cannot refer to it. Wait until it has.");
    }

    /// <summary>What a text names.</summary>
    /// <exception cref="RefusedException">The text is no point, the point is unknown, or the cut is open.</exception>
    public static PointResolution Resolve(this Witness witness, string text, bool close = false)
    {
        if (!PointSyntax.TryParse(text, out var point, out var error)) throw RefusedException.Invalid(error.Message);
        var resolver = new PointResolver
        {
            FindAgent = name => witness.Agent(name),
            Events = witness.History.Causality,
            CausesOf = id => witness.History.Record(id).Header.Causes,
            HashOf = id => witness.History.Record(id).Hash,
            TimeOf = id => witness.History.Record(id).Header.Time,
            Now = witness.Now,
            Close = close,
        };
        return resolver.Resolve(WithHeads(witness, point)) switch
        {
            PointResolution.NotFound missing => throw RefusedException.NotFound(missing.Reason),
            PointResolution.Open open => throw OpenCut(witness, text, open.Missing),
            PointResolution.Cut { Approximate: true } cut => cut with { Clock = witness.History.Causality.Close(cut.Clock.Meet(witness.Clock)) },
            var resolution => resolution,
        };
    }

    /// <summary>The node may hold more than the witness has heard: a name alone means the head that the witness has.</summary>
    private static HistoryPoint WithHeads(Witness witness, HistoryPoint point) => point switch
    {
        HistoryPoint.Event one => WithHead(witness, one),
        HistoryPoint.Cut several => new HistoryPoint.Cut([.. several.Events.Select(one => WithHead(witness, one))]),
        HistoryPoint.Range range => new HistoryPoint.Range(WithHeads(witness, range.From), WithHeads(witness, range.To)),
        HistoryPoint.Apart apart => new HistoryPoint.Apart(WithHeads(witness, apart.Left), WithHeads(witness, apart.Right)),
        _ => point,
    };

    private static HistoryPoint.Event WithHead(Witness witness, HistoryPoint.Event point)
    {
        if (point.Sequence is not null) return point;
        var agent = witness.Agent(point.Agent);
        var head = point.Epoch is not { } epoch ? witness.HeadOf(agent)
            : witness.Clock[new ChainId(agent, epoch)] is > 0 and var last ? new EventId(agent, epoch, last)
            : null;
        return head is { } id
            ? point with { Epoch = id.Epoch, Sequence = id.Sequence }
            : throw RefusedException.NotFound($"{witness.Names.DisplayNameOf(witness.Observer)} has heard nothing of {point.Agent} yet.");
    }

    /// <summary>A cursor from an earlier answer, with ids; null when the text is none.</summary>
    private static VectorClock? CursorOf(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal)) return null;
        var entries = new List<ClockEntry>();
        foreach (var part in text.Split(';'))
            entries.Add(EventId.TryParse(part.Replace('=', ':'), out var id)
                ? new ClockEntry(id.Chain, id.Sequence)
                : throw RefusedException.Invalid($"'{part}' is not part of a cursor; expected AGENT=SEQUENCE with the agent's 32 " +
                    $"hexadecimal digits."));
        return VectorClock.Of(entries);
    }

    private static VectorClock Closed(Witness witness, VectorClock cut, bool close)
    {
        var events = witness.History.Causality;
        foreach (var (chain, sequence) in cut.Entries)
            if (!events.Contains(chain[sequence])) throw RefusedException.NotFound($"{witness.Of(chain[sequence]).Name} is not held " +
                $"here; this copy of the chain ends at {events.HeadOf(chain)}.");
        var closed = events.Close(cut);
        return close || closed.Equals(cut) ? closed : throw OpenCut(witness, CursorText.Of(cut), EventRange.Difference(closed, cut, events.FirstOf));
    }

    private static RefusedException OpenCut(Witness witness, string text, IReadOnlyList<EventRange> missing)
    {
        var names = missing.Select(range => range.Count == 1
            ? witness.Of(range.Chain[range.First]).Name
            : $"{witness.Of(range.Chain[range.First]).Name}..{range.Last}").ToList();
        return new RefusedException(new Problem(
            ProblemTypes.OpenCut,
            "The cut is open",
            409,
            $"The cut {text} lacks {string.Join(", ", names)}, which its events depend on. Name a cut that holds them, or widen it " +
                $"with --close (close=true).")
        { Missing = names });
    }
}
