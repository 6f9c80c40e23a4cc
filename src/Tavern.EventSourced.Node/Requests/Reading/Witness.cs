using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What one observer has, at one moment and at one cut, put into the words of answers. Valid only inside one read of the
/// node's history.</summary>
internal sealed class Witness
{
    private readonly Lazy<Audience> _audience;
    private readonly Lazy<HashSet<AgentId>> _hosted;

    public Witness(TavernNode node, HistoryReader history, AgentId observer, DateTimeOffset now)
    {
        (Node, History, Observer, Now) = (node, history, observer, now);
        (View, Clock) = (history.View(observer), history.Clock(observer));
        Names = View.Names;
        _hosted = new Lazy<HashSet<AgentId>>(() => [.. node.Hosted]);
        _audience = new Lazy<Audience>(() => new Audience(_hosted.Value, history, View));
    }

    private Witness(Witness at, VectorClock cut, bool approximate)
    {
        (Node, History, Observer, Now, Names) = (at.Node, at.History, at.Observer, at.Now, at.Names);
        (_audience, _hosted) = (at._audience, at._hosted);
        (View, Clock, IsApproximate, IsPast) = (at.History.ViewAt(cut), cut, approximate, !cut.Equals(at.Clock));
    }

    /// <summary>The node that is asked.</summary>
    public TavernNode Node { get; }

    /// <summary>All it holds.</summary>
    public HistoryReader History { get; }

    /// <summary>As seen by whom.</summary>
    public AgentId Observer { get; }

    /// <summary>Now, by the node's clock.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The cut: all that the observer has, unless it was narrowed.</summary>
    public VectorClock Clock { get; }

    /// <summary>The observer's view at the cut.</summary>
    public TavernView View { get; }

    /// <summary>Names as the observer knows them now, at older cuts too: people look things up by today's names.</summary>
    public NameTable Names { get; }

    /// <summary>True when the cut came from a wall-clock time.</summary>
    public bool IsApproximate { get; }

    /// <summary>True when the cut is not all that the observer has.</summary>
    public bool IsPast { get; }

    /// <summary>The same at another cut.</summary>
    /// <exception cref="CausalGapException">It is not closed, or not held.</exception>
    public Witness At(VectorClock cut, bool approximate) => new(this, cut, approximate);

    /// <summary>The cut as answers name it.</summary>
    public Reading Reading => new(
        Of(Observer),
        CursorText.Of(Clock),
        string.Join(',', Clock.Entries.Select(entry => NameOf(entry.Chain[entry.Sequence]))),
        History.Causality.CountOf(Clock),
        IsApproximate);

    /// <summary>The agent as answers name it.</summary>
    public AgentRef Of(AgentId agent) => new(agent.ToString(), Names.DisplayNameOf(agent));

    /// <summary>The recorded history that an agent stands for or speaks in; null for everybody else.</summary>
    public RecordRef? RecordOf(AgentId agent) =>
        View.HistoryOf(agent) is { } history ? new RecordRef(history.File, history.Format, Of(history.Id.Agent)) : null;

    /// <summary>The event as answers name it.</summary>
    public EventRef Of(EventId id) => new(id.ToString(), NameOf(id));

    /// <summary>The events as answers name them.</summary>
    public EventSpan Of(EventRange range) => new(Of(range.Chain[range.First]), Of(range.Chain[range.Last]), range.Count);

    /// <summary>Several agents.</summary>
    public IReadOnlyList<AgentRef> Of(IEnumerable<AgentId> agents) => [.. agents.Select(Of)];

    /// <summary>Several events.</summary>
    public IReadOnlyList<EventRef> Of(IEnumerable<EventId> events) => [.. events.Select(Of)];

    /// <summary>The agent that a text names.</summary>
    /// <exception cref="RefusedException">It is not known, or fits several.</exception>
    public AgentId Agent(string text) => AgentLookup.Require(Names, text, View.Agents.Keys);

    /// <summary>When an event was written; null when it is not held or no time was recorded.</summary>
    public DateTimeOffset? WrittenAt(EventId id) =>
        History.Contains(id) && History.Record(id).Header.Time is { IsUnknown: false } time ? time.Wall : null;

    /// <summary>Seconds since a time, at least 0.</summary>
    public double? Age(DateTimeOffset? at) => at is { } known ? Math.Max(0, (Now - known).TotalSeconds) : null;

    /// <summary>How many agents have an event, as far as logs at hand prove.</summary>
    public HeardBy HeardBy(EventId id) => _audience.Value.Of(id);

    /// <summary>A field with its evidence.</summary>
    public Belief Believe<T>(string name, Field<T> field, Func<T, string> text, string standing = StandingWords.Said) => new(
        name,
        text(field.Value),
        Evidence(field.DecidedBy, standing, field.Contested, field.Rule, [.. field.Candidates.Select(candidate => candidate.Event)]));

    /// <summary>One field of an agent, or null when the view holds nothing.</summary>
    public Belief? Believe(AgentId subject, string field)
    {
        if (View.Believe(subject, field) is not { } belief) return null;
        var complete = field == "state" && View.Agents[subject].IsComplete;
        return Of(belief, complete ? StandingWords.Complete : StandingWords.Of(belief.Value));
    }

    /// <summary>A belief with its evidence.</summary>
    public Belief Of(FieldBelief belief, string standing) => new(
        belief.Field, ShownValue(belief), Evidence(belief.DecidedBy, standing, belief.Contested, belief.Rule, belief.Candidates));

    /// <summary>A belief from another agent's account.</summary>
    public Belief? Of(ShownBelief? shown) => shown is null ? null : Of(shown.Belief, shown.Standing.ToString().ToLowerInvariant());

    /// <summary>The latest head of an agent's chains at the cut; null for none.</summary>
    public EventId? HeadOf(AgentId agent) => HeadOf(Clock, agent);

    /// <summary>The latest head of an agent's chains below a clock; null for none.</summary>
    public static EventId? HeadOf(VectorClock clock, AgentId agent)
    {
        EventId? head = null;
        foreach (var (chain, sequence) in clock.Entries)
            if (chain.Agent == agent) head = chain[sequence]; // sorted by epoch within an agent
        return head;
    }

    /// <summary>Names for sentences.</summary>
    public AgentNames Sentences => new(Names.DisplayNameOf);

    /// <summary>A record with names.</summary>
    public EventView Show(EventRecord record) => RecordText.Show(record, this);

    /// <summary>An event in a line; of one that is not held, its name.</summary>
    public EventBrief Brief(EventId id, bool texts) => History.Contains(id)
        ? RecordText.Brief(History.Record(id), Names, texts)
        : new EventBrief(id.ToString(), NameOf(id), Of(id.Agent), null, null, null);

    /// <summary>Events of the observer's that declare one as a cause, in canonical order: the first so many that the node held.</summary>
    public IEnumerable<EventId> EffectsOf(EventId cause, int countMax) => History.Causes.EffectsOf(cause)
        .Where(effect => History.HasDelivered(Observer, effect)).Take(countMax).OrderBy(History.Causality.DepthOf).ThenBy(effect => effect);

    /// <summary>Per other chain, its first event of the observer's that has an event in its past, in canonical order.</summary>
    public IEnumerable<EventId> BuiltOn(EventId id) => History.Causality.Heads.Entries
        .Where(entry => entry.Chain != id.Chain)
        .Select(entry => History.Causality.FirstKnowing(entry.Chain, id)).OfType<EventId>()
        .Where(first => History.HasDelivered(Observer, first)).OrderBy(History.Causality.DepthOf).ThenBy(first => first);

    /// <summary>True when this node keeps the agent's log.</summary>
    public bool IsHosted(AgentId agent) => _hosted.Value.Contains(agent);

    /// <summary>Agents that are not retired, sorted.</summary>
    public IReadOnlyList<AgentId> Living => _audience.Value.Living;

    private Evidence Evidence(EventId by, string standing, bool contested, string rule, IReadOnlyList<EventId> candidates)
    {
        var at = WrittenAt(by);
        return new Evidence(Of(by), at, Age(at), HeardBy(by), standing, contested, rule, Of(candidates), null);
    }

    /// <summary>Values that are ids are shown as names.</summary>
    private string ShownValue(FieldBelief belief) =>
        belief.Field == "task" && EventId.TryParse(belief.Value, out var task) ? NameOf(task) : belief.Value;

    private string NameOf(EventId id) => RecordText.NameOf(id, Names.DisplayNameOf);
}
