using System.Collections.Immutable;
using System.Globalization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Finds what a point in history means in the log of the asked agent.
/// <para>A single event as a cut is all that its writer had delivered by then, and always closed. A cut of several events takes
/// the chains it names literally, and of the chains it does not name what those events depend on; it is open when they depend
/// on more of a chain that it names.</para></summary>
public sealed class PointResolver
{
    /// <summary>The agent of a name, or of a name with the start of an id (<c>gandalf~3f2a</c>); null when none is known. Full ids
    /// are not looked up.</summary>
    public required Func<string, AgentId?> FindAgent { get; init; }

    /// <summary>The events of the asked agent's log.</summary>
    public required CausalIndex Events { get; init; }

    /// <summary>The causes an event declares, in its order; by default none are known.</summary>
    public Func<EventId, ImmutableArray<EventId>> CausesOf { get; init; } = _ => [];

    /// <summary>The hash of a held event's record, for points that name one by it; by default none is known.</summary>
    public Func<EventId, Hash> HashOf { get; init; } = _ => default;

    /// <summary>When a held event was written; by default unknown, and then every time names the whole log.</summary>
    public Func<EventId, HybridTime> TimeOf { get; init; } = _ => default;

    /// <summary>Now, for <c>-5m</c>.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Widens open cuts instead of refusing them; false by default.</summary>
    public bool Close { get; init; }

    /// <summary>Resolves a point.</summary>
    public PointResolution Resolve(HistoryPoint point) => point switch
    {
        HistoryPoint.Event one => Find(one, out var id) is { } failure ? failure : new PointResolution.Event(id, Events.ClockAt(id)),
        HistoryPoint.Cut several => ResolveCut(several),
        HistoryPoint.Seen seen => ResolveSeen(seen),
        HistoryPoint.Ago ago => AtTime(ago.Age < Now - DateTimeOffset.UnixEpoch ? Now - ago.Age : DateTimeOffset.UnixEpoch),
        HistoryPoint.At at => AtTime(at.Time),
        HistoryPoint.Range range => Both(range.From, range.To, (from, to) => new PointResolution.Range(from, to, EventRange.Difference(to, from, Events.FirstOf))),
        HistoryPoint.Apart apart => Both(apart.Left, apart.Right, (left, right) =>
            new PointResolution.Apart(left, right, EventRange.Difference(left, right, Events.FirstOf), EventRange.Difference(right, left, Events.FirstOf))),
        _ => throw new InvalidOperationException($"Point {point.GetType().Name} cannot be resolved."),
    };

    /// <summary>The cut that a resolution stands for; null when it is none: open, not found, or a range.</summary>
    public static VectorClock? CutOf(PointResolution resolution) => resolution switch
    {
        PointResolution.Event one => one.Clock,
        PointResolution.Cut cut => cut.Clock,
        PointResolution.Seen seen => seen.Clock,
        _ => null,
    };

    private PointResolution.Cut AtTime(DateTimeOffset time) => new(TimeCut.Of(Events, TimeOf, time), Approximate: true, Widened: false);

    private PointResolution ResolveCut(HistoryPoint.Cut point)
    {
        var entries = new List<ClockEntry>(point.Events.Length);
        foreach (var one in point.Events)
        {
            if (Find(one, out var id) is { } failure) return failure;
            entries.Add(new ClockEntry(id.Chain, id.Sequence));
        }

        var named = VectorClock.Of(entries);
        var closed = Events.Close(named);
        ImmutableArray<EventRange> missing =
        [
            .. named.Entries.Where(entry => closed[entry.Chain] > entry.Sequence)
                .Select(entry => EventRange.Missing(named, entry.Chain[closed[entry.Chain]], Events.FirstOf)),
        ];
        return missing.IsEmpty || Close ? new PointResolution.Cut(closed, false, !missing.IsEmpty) : new PointResolution.Open(missing, closed);
    }

    private PointResolution ResolveSeen(HistoryPoint.Seen point)
    {
        if (AgentOf(point.Subject) is not { } subject) return UnknownAgent(point.Subject);
        if (Find(point.Observer, out var at) is { } failure) return failure;
        return new PointResolution.Seen(at.Agent, subject, Events.ClockAt(at), Now: point.Observer.Sequence is null);
    }

    private PointResolution Both(HistoryPoint a, HistoryPoint b, Func<VectorClock, VectorClock, PointResolution> join)
    {
        var first = Resolve(a);
        if (CutOf(first) is not { } left) return first;
        var second = Resolve(b);
        return CutOf(second) is { } right ? join(left, right) : second;
    }

    /// <summary>The event, or why there is none.</summary>
    private PointResolution.NotFound? Find(HistoryPoint.Event point, out EventId id)
    {
        id = default;
        if (AgentOf(point.Agent) is not { } agent) return UnknownAgent(point.Agent);
        var epoch = point.Epoch ?? (point.Sequence is null ? LatestEpochOf(agent) : 1);
        var chain = new ChainId(agent, epoch, point.Branch ?? 0);
        id = OnLine(chain[point.Sequence ?? Events.HeadOf(chain)]);
        if (point.HashStart is { } start && FindByHash(point, start, ref id) is { } noSuch) return noSuch;
        if (id.Sequence == 0) return Missing($"Nothing of {point.Agent} is held here{(epoch == 1 ? "" : $" in epoch {epoch}")}.");
        foreach (var step in point.Steps)
        {
            if (!Events.Contains(id)) break;
            if (step.Kind == PointStepKind.Earlier && step.Count >= id.Sequence)
                return Missing($"{Text(id, point.Agent, agent)} has only {id.Sequence - 1} events before it in its chain, not {step.Count}.");
            var causes = step.Kind == PointStepKind.Cause ? CausesOf(id) : [];
            if (step.Kind == PointStepKind.Cause && step.Count > causes.Length)
                return Missing($"{Text(id, point.Agent, agent)} declares {causes.Length} causes; number {step.Count} was asked for.");
            id = step.Kind == PointStepKind.Earlier ? Events.OnLineOf(id, id.Sequence - step.Count) : CauseStandings.Of(Events, id, causes[step.Count - 1]).Event;
        }

        return Events.Contains(id) ? null
            : Missing($"{Text(id, point.Agent, agent)} is not held here; this copy of the chain ends at {Events.HeadOf(id.Chain)}.");
    }

    /// <summary>Below where a branch begins, its line is that of the branch which it leaves.</summary>
    private EventId OnLine(EventId id) => id.Branch > 0 && id.Sequence >= 1 && Events.HeadOf(id.Chain) > 0 && Events.FirstOf(id.Chain) > id.Sequence
        ? Events.OnLineOf(id.Chain[Events.FirstOf(id.Chain)], id.Sequence)
        : id;

    /// <summary>The event on whichever line whose hash starts so, or why it is not that one.</summary>
    private PointResolution.NotFound? FindByHash(HistoryPoint.Event point, string start, ref EventId id)
    {
        var place = id;
        var held = Events.BranchesOf(id.Chain).Select(line => line[place.Sequence]).Where(Events.Contains).ToList();
        var fits = held.Where(one => HashOf(one).ToString().StartsWith(start, StringComparison.OrdinalIgnoreCase) && (point.Branch is not { } branch || one.Branch == branch)).ToList();
        if (fits.Count == 1)
        {
            id = fits[0];
            return null;
        }

        var (typed, all) = (Text(place.Main, point.Agent, place.Agent), string.Join(", ", (fits.Count > 1 ? fits : held).Select(one => $"{Text(one, point.Agent, one.Agent)} is {HashOf(one).ToString()[..16]}")));
        return fits.Count > 1 ? Missing($"Several records are {typed}#{start}: {all}. Type more digits.")
            : held.Count == 0 ? Missing($"{typed} is not held here; this copy of the chain ends at {Events.HeadOf(place.Chain.Main)}.")
            : Missing($"No record that is held as {typed} has a hash that starts with {start}: {all}.");
    }

    private AgentId? AgentOf(string text) => AgentId.TryParse(text, out var id) ? id : FindAgent(text);

    private int LatestEpochOf(AgentId agent) =>
        Events.Heads.Entries.Where(entry => entry.Chain.Agent == agent).Select(entry => entry.Chain.Epoch).DefaultIfEmpty(1).Max();

    private static string Text(EventId id, string typed, AgentId agent) => id.Agent != agent ? id.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{typed}{(id.Epoch == 1 ? "" : $"@{id.Epoch}")}{(id.Branch == 0 ? "" : $"/{id.Branch}")}:{id.Sequence}");

    private static PointResolution.NotFound UnknownAgent(string text) =>
        new($"No agent is known by the name '{text}' here; 'tavern agents' lists them.");

    private static PointResolution.NotFound Missing(FormattableString reason) => new(reason.ToString(CultureInfo.InvariantCulture));
}
