using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>Where chains have forked within a set of events: decided by which lines are in the set, whatever numbers a node gave them. A chain of
/// which the set holds a single line has not forked there. One owner; not safe for concurrent use.</summary>
public sealed class ForkPoints
{
    private readonly CausalIndex _causality;
    private readonly IReadOnlyDictionary<ChainId, long> _heads;
    private readonly Dictionary<EventId, List<EventId>> _leaving = []; // first events of branches, by what they follow
    private readonly SortedDictionary<ChainId, EventId> _lowest = [];

    /// <summary>The forks below some heads.</summary>
    /// <param name="causality">Holds all the events; it may hold more.</param>
    /// <param name="heads">Per chain, or branch, the last event of the set. May grow, event by event, if <see cref="Add"/> is told of each.</param>
    public ForkPoints(CausalIndex causality, IReadOnlyDictionary<ChainId, long> heads)
    {
        (_causality, _heads) = (causality, heads);
        foreach (var chain in heads.Keys)
            if (chain.Branch > 0) Leave(chain[causality.FirstOf(chain)]);
        foreach (var at in _leaving.Keys) Check(at);
    }

    /// <summary>The forks of a cut.</summary>
    public static ForkPoints Of(CausalIndex causality, VectorClock cut) =>
        new(causality, cut.Entries.ToDictionary(entry => entry.Chain, entry => entry.Sequence));

    /// <summary>Rises whenever the shared part of a chain gets shorter.</summary>
    public int Changes { get; private set; }

    /// <summary>Per forked chain, by agent and epoch, the last event that all its lines share; sequence 0 when they share none.</summary>
    public IReadOnlyCollection<EventId> LastShared => _lowest.Values;

    /// <summary>The last event that all lines of a chain share: the lowest fork point; null when the chain has not forked.</summary>
    public EventId? LastSharedOf(ChainId chain) => _lowest.TryGetValue(chain.Main, out var last) ? last : null;

    /// <summary>True for an event above the lowest fork point of its chain, on whatever line: it is delivered, and no fold takes it.</summary>
    public bool IsQuarantined(EventId id) => _lowest.Count > 0 && _lowest.TryGetValue(id.Chain.Main, out var last) && id.Sequence > last.Sequence;

    /// <summary>The events of the set that come right after one in its chain, by branch: more than one at a fork point. Sequence 0 stands for
    /// the place before the first.</summary>
    public IEnumerable<EventId> Next(EventId at)
    {
        if (_heads.GetValueOrDefault(at.Chain) > at.Sequence) yield return at.Chain[at.Sequence + 1];
        if (!_leaving.TryGetValue(at, out var leaving)) yield break;
        foreach (var first in leaving) yield return first;
    }

    /// <summary>The sequence of the first event from <paramref name="from"/> on, in its chain, that a branch leaves; of the chain's last event in the
    /// set when none does.</summary>
    internal long NextLeft(EventId from)
    {
        var last = _heads.GetValueOrDefault(from.Chain);
        foreach (var at in _leaving.Keys)
            if (at.Chain == from.Chain && at.Sequence >= from.Sequence && at.Sequence < last) last = at.Sequence;
        return last;
    }

    /// <summary>Takes note of an event that the heads cover by now: the next of its line. True when it makes the shared part of its chain shorter.</summary>
    public bool Add(EventId id)
    {
        if (id.Branch == 0 && _leaving.Count == 0) return false;
        var before = id.Branch > 0 && id.Sequence == _causality.FirstOf(id.Chain) ? Leave(id) : id.Chain[id.Sequence - 1];
        return _leaving.ContainsKey(before) && Check(before);
    }

    private EventId Leave(EventId first)
    {
        var before = _causality.PredecessorOf(first) ?? first.Chain.Main[0];
        if (!_leaving.TryGetValue(before, out var leaving)) _leaving.Add(before, leaving = []);
        leaving.Add(first);
        leaving.Sort();
        return before;
    }

    private bool Check(EventId at)
    {
        var isFork = _leaving[at].Count > 1 || _heads.GetValueOrDefault(at.Chain) > at.Sequence;
        if (!isFork || (LastSharedOf(at.Chain) is { } lowest && lowest.Sequence <= at.Sequence)) return false;
        _lowest[at.Chain.Main] = at;
        Changes++;
        return true;
    }
}
