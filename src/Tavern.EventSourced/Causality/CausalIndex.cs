using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>Answers happens-before questions about held events in logarithmic time. For every writer and every chain it keeps
/// the steps at which the writer came to know more of that chain, so its memory is what was actually learned, not
/// events times agents. Events go in only after their causes. A branch of a forked chain is a chain of its own that knows, from its
/// first event on, what the line knew that it leaves. One owner; not safe for concurrent use.</summary>
public sealed class CausalIndex
{
    private readonly SortedDictionary<ChainId, ChainKnowledge> _chains = [];
    private readonly Dictionary<ChainId, List<ChainId>> _branches = []; // of forked chains only

    /// <summary>The highest held sequence per chain.</summary>
    public VectorClock Heads => VectorClock.Of(_chains.Select(pair => new ClockEntry(pair.Key, pair.Value.Head)));

    /// <summary>True when the event is held. What lies below the first sequence of a branch is held on the line that it leaves.</summary>
    public bool Contains(EventId id) => id.Sequence >= 1 && _chains.TryGetValue(id.Chain, out var known) && id.Sequence >= known.First && id.Sequence <= known.Head;

    /// <summary>The highest held sequence of a chain, 0 when none is held.</summary>
    public long HeadOf(ChainId chain) => _chains.TryGetValue(chain, out var known) ? known.Head : 0;

    /// <summary>The lowest held sequence of a chain: above 1 on a branch that leaves another line later. 1 when none is held.</summary>
    public long FirstOf(ChainId chain) => _chains.TryGetValue(chain, out var known) ? known.First : 1;

    /// <summary>The held lines of a chain, by branch: one, unless it has forked; none when nothing of it is held.</summary>
    public IReadOnlyList<ChainId> BranchesOf(ChainId chain) =>
        _branches.TryGetValue(chain.Main, out var branches) ? branches : _chains.ContainsKey(chain.Main) ? [chain.Main] : [];

    /// <summary>The event right before a held one on its line: of a branch's first event one on another branch; null at the beginning of a chain.</summary>
    public EventId? PredecessorOf(EventId id)
    {
        var known = Held(id);
        return id.Sequence == known.First ? known.Predecessor : id.Chain[id.Sequence - 1];
    }

    /// <summary>The event with a sequence, at most that of the held event, on the line that leads to it.</summary>
    public EventId OnLineOf(EventId id, long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, id.Sequence);
        for (var known = Held(id); sequence < known.First; known = Held(id)) id = known.Predecessor!.Value;
        return id.Chain[sequence];
    }

    /// <summary>The event that <paramref name="by"/>, which is held, means when it names one by agent, epoch and sequence (a branch is not looked at):
    /// the one in its past. Null when there is none and, of a chain that has forked, when there are several.</summary>
    public EventId? Meant(EventId by, EventId named)
    {
        if (_branches.Count == 0 || !_branches.TryGetValue(named.Chain.Main, out var branches))
            return named.Main is var only && Contains(only) && HappensBefore(only, by) ? only : null;
        EventId? meant = null;
        foreach (var branch in branches)
        {
            if (!Contains(branch[named.Sequence]) || !HappensBefore(branch[named.Sequence], by)) continue;
            if (meant is not null) return null;
            meant = branch[named.Sequence];
        }

        return meant;
    }

    /// <summary>How many events lie below a clock. Of a branch that is not held all sequences are counted.</summary>
    public long CountOf(VectorClock clock)
    {
        long count = 0;
        foreach (var (chain, sequence) in clock.Entries) count += sequence - FirstOf(chain) + 1;
        return count;
    }

    /// <summary>Adds the next event of a chain, or the first of a branch. An event that is held already is skipped, so a retry is harmless.</summary>
    /// <param name="id">The event.</param>
    /// <param name="dependencies">The chain heads it depends on besides its own predecessor; empty inside a segment.</param>
    /// <param name="predecessor">What it follows, when it is the first event of a branch: the event with the sequence before it on the line that the branch
    /// leaves; null by default, for all others and where a chain has forked at its very first event.</param>
    /// <exception cref="CausalGapException">Its predecessor or a dependency is not held.</exception>
    public void Append(EventId id, IReadOnlyList<EventId> dependencies, EventId? predecessor = null)
    {
        _chains.TryGetValue(id.Chain, out var own);
        if (own?.Head >= id.Sequence) return;
        if (own is not null) predecessor = null;
        else if (predecessor is { } parent && (parent.Chain.Main != id.Chain.Main || parent.Sequence != id.Sequence - 1 || id.Branch == 0))
            throw new ArgumentException($"Event {parent} cannot be what {id} follows; expected {id.Sequence - 1} on another branch of {id.Chain.Main}.", nameof(predecessor));
        if (predecessor is { } missing && !Contains(missing)) throw new CausalGapException(id, missing);
        if (predecessor is null && id.Sequence != (own?.Head ?? 0) + 1) throw new CausalGapException(id, id.Chain[(own?.Head ?? 0) + 1]);
        for (var i = 0; i < dependencies.Count; i++)
            if (dependencies[i].Chain != id.Chain && !Contains(dependencies[i])) throw new CausalGapException(id, dependencies[i]);

        var depth = own is null ? 1 : own.DepthAt(own.Head) + 1;
        if (own is null) _chains.Add(id.Chain, own = NewChain(id, predecessor));
        if (predecessor is { } before) depth = LearnFrom(own, id, before, depth);
        foreach (var dependency in dependencies)
            if (dependency.Chain != id.Chain) depth = LearnFrom(own, id, dependency, depth);
        own.Add(id.Sequence, depth);
    }

    /// <summary>Length of the longest chain of causes that ends in the event, itself included; at least 1. Every event is
    /// deeper than all its causes, so ordering by depth first gives a linear extension of happens-before.</summary>
    public long DepthOf(EventId id) => Held(id).DepthAt(id.Sequence);

    /// <summary>The highest sequence of <paramref name="chain"/> in the causal past of the event (itself included), 0 when none.</summary>
    public long KnownAt(EventId id, ChainId chain) => chain == id.Chain
        ? id.Sequence
        : Held(id).Known.TryGetValue(chain, out var steps) ? ChainKnowledge.At(steps, id.Sequence) : 0;

    /// <summary>Per other chain, the latest dependency on it that the event or one before it in its chain names, with the event that names
    /// it first; for a branch also what its first event follows. Sorted by chain.</summary>
    public IEnumerable<(EventId By, EventId On)> NamedAt(EventId id)
    {
        foreach (var (chain, steps) in Held(id).Named)
            if (ChainKnowledge.StepAt(steps, id.Sequence) is { } step) yield return (id.Chain[step.Sequence], chain[step.Value]);
    }

    /// <summary>The first event of a chain that has the event in its causal past, itself included; null when none has.</summary>
    public EventId? FirstKnowing(ChainId chain, EventId id)
    {
        if (!_chains.TryGetValue(chain, out var known)) return null;
        if (chain == id.Chain) return Contains(id) ? id : null;
        return known.Known.TryGetValue(id.Chain, out var steps) && ChainKnowledge.FirstAbove(steps, id.Sequence) is { } step && Contains(id)
            ? chain[step.Sequence] : null;
    }

    /// <summary>The vector clock of an event: all that its writer had delivered when writing it, itself included.</summary>
    public VectorClock ClockAt(EventId id) => VectorClock.Of(Held(id).Known
        .Select(pair => new ClockEntry(pair.Key, ChainKnowledge.At(pair.Value, id.Sequence)))
        .Append(new ClockEntry(id.Chain, id.Sequence)));

    /// <summary>How two held events stand to each other.</summary>
    public CausalOrder Compare(EventId a, EventId b) =>
        a == b ? CausalOrder.Equal
        : HappensBefore(a, b) ? CausalOrder.Before
        : HappensBefore(b, a) ? CausalOrder.After
        : CausalOrder.Concurrent;

    /// <summary>True when <paramref name="a"/> is in the causal past of <paramref name="b"/> and is another event.</summary>
    public bool HappensBefore(EventId a, EventId b) =>
        a != b && KnownAt(b, a.Chain) >= a.Sequence && (a.Branch == 0 || a.Sequence >= FirstOf(a.Chain));

    /// <summary>The smallest causally closed clock that covers <paramref name="cut"/>. Equal to it when it is closed already.</summary>
    /// <exception cref="CausalGapException">The cut names events that are not held.</exception>
    public VectorClock Close(VectorClock cut)
    {
        var closed = cut;
        foreach (var (chain, sequence) in cut.Entries)
        {
            if (!Contains(chain[sequence])) throw GapAt(chain[sequence]);
            closed = closed.Merge(ClockAt(chain[sequence]));
        }

        return closed;
    }

    private ChainKnowledge Held(EventId id) => Contains(id) ? _chains[id.Chain] : throw GapAt(id);

    private CausalGapException GapAt(EventId id) => new(id, id.Sequence > HeadOf(id.Chain) ? id.Chain[HeadOf(id.Chain) + 1] : id);

    private ChainKnowledge NewChain(EventId first, EventId? predecessor)
    {
        if (first.Branch > 0)
        {
            if (!_branches.TryGetValue(first.Chain.Main, out var branches)) _branches.Add(first.Chain.Main, branches = [.. BranchesOf(first.Chain)]);
            branches.Add(first.Chain);
            branches.Sort();
        }
        else if (_branches.TryGetValue(first.Chain, out var others))
        {
            others.Insert(0, first.Chain);
        }

        return new ChainKnowledge(first.Sequence, predecessor);
    }

    /// <summary>What the writer of an event learns from one that it follows or depends on. The depth it has at least by that.</summary>
    private long LearnFrom(ChainKnowledge own, EventId id, EventId cause, long depth)
    {
        var theirs = _chains[cause.Chain];
        own.Learn(id.Sequence, cause.Chain, cause.Sequence);
        ChainKnowledge.Learn(own.Named, id.Sequence, cause.Chain, cause.Sequence);
        foreach (var (chain, steps) in theirs.Known)
            if (chain != id.Chain) own.Learn(id.Sequence, chain, ChainKnowledge.At(steps, cause.Sequence));
        return Math.Max(depth, theirs.DepthAt(cause.Sequence) + 1);
    }
}
