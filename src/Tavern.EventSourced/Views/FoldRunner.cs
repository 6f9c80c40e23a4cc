using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Holds the state of a fold over all events that one agent has delivered, in canonical order, whatever the order of
/// delivery was. A late event rewinds to the last checkpoint before its place; folding happens when the state is read, so a batch
/// of late events refolds once; so does one that shows that a chain has forked, since what lies above the fork is then left out.
/// Keeps 12 bytes per wanted event and at most 2 log2(n) + 2 earlier states (by reference), but no
/// event: those are read back when needed. One owner; not safe for concurrent use.</summary>
public sealed class FoldRunner<TState>
{
    private readonly CausalIndex _causality;
    private readonly Dictionary<ChainId, long> _heads;
    private readonly ForkPoints _forks;
    private readonly List<EventId> _leftOut = []; // where the fold has to be taken back to
    private readonly CanonicalOrder _order;
    private readonly Checkpoints<Folded> _checkpoints;
    private Folded _folded;
    private int _position;

    /// <summary>Starts without events.</summary>
    /// <param name="fold">The fold.</param>
    /// <param name="causality">Holds every event before it is added here; it may hold more.</param>
    public FoldRunner(Fold<TState> fold, CausalIndex causality)
    {
        (Fold, _causality) = (fold, causality);
        (_heads, _order) = ([], new CanonicalOrder(causality));
        _forks = new ForkPoints(causality, _heads);
        _folded = new Folded(fold.Initial, [], 0);
        _checkpoints = new Checkpoints<Folded>(_folded);
    }

    private FoldRunner(FoldRunner<TState> whole, VectorClock cut)
    {
        (Fold, _causality) = (whole.Fold, whole._causality);
        _heads = cut.Entries.ToDictionary(entry => entry.Chain, entry => entry.Sequence);
        _forks = new ForkPoints(_causality, _heads);
        (_order, var shared) = whole._order.Within(cut);
        foreach (var last in whole._forks.LastShared)
            if (_forks.LastSharedOf(last.Chain) != last)
                foreach (var first in _forks.Next(last)) shared = Math.Min(shared, _order.PositionOf(first)); // counts here, not there
        _checkpoints = whole._checkpoints.UpTo(shared);
        (_position, _folded) = _checkpoints.RewindTo(shared);
    }

    /// <summary>All that was added.</summary>
    public VectorClock Clock => VectorClock.Of(_heads.Select(head => new ClockEntry(head.Key, head.Value)));

    /// <summary>Number of events that the next read has to fold; those of forked chains that it leaves out are counted too, except the next.</summary>
    public int UnfoldedCount
    {
        get
        {
            Settle();
            return _order.Count - _position;
        }
    }

    /// <summary>The fold. May be replaced by one that does the same with every event folded so far.</summary>
    internal Fold<TState> Fold { get; set; }

    /// <summary>Where chains have forked among the events added.</summary>
    internal ForkPoints Forks => _forks;

    /// <summary>Number of earlier states kept.</summary>
    internal int CheckpointCount => _checkpoints.Count;

    /// <summary>Adds a delivered event. Nothing is folded yet. False, and without effect, when it was added before.</summary>
    /// <exception cref="CausalGapException">Its predecessor was not added, or the causal index does not hold it.</exception>
    public bool Add(EventRecord record)
    {
        var (id, head) = (record.Id, _heads.GetValueOrDefault(record.Id.Chain));
        if (id.Sequence <= head) return false;
        if (head == 0 && id.Branch > 0 && id.Sequence == _causality.FirstOf(id.Chain)) RequireParent(id);
        else if (id.Sequence != head + 1) throw new CausalGapException(id, id.Chain[head + 1]);
        if (Fold.Wants(record.Header)) _order.Add(id);
        _heads[id.Chain] = id.Sequence;
        if (_forks.Add(id)) _leftOut.AddRange(_forks.Next(_forks.LastSharedOf(id.Chain)!.Value));
        return true;
    }

    /// <summary>The state over everything added; folds what is not folded yet.</summary>
    /// <param name="read">Gives back an added event. What it throws is passed on; the next read goes on from there.</param>
    public FoldResult<TState> Read(Func<EventId, EventRecord> read)
    {
        Settle();
        while (_position < _order.Count)
        {
            Apply(read(_order[_position]));
            LeaveOut();
        }

        return new FoldResult<TState>(_folded.State, _folded.Count, _folded.Poison);
    }

    /// <summary>The ids of the next events to fold, in canonical order: for callers that read events asynchronously and hand them to
    /// <see cref="Take"/> before they call <see cref="Read"/>, which then has nothing to read.</summary>
    /// <param name="max">At most this many, from 1.</param>
    public ImmutableArray<EventId> NextUnfolded(int max)
    {
        var unfolded = Enumerable.Range(_position, UnfoldedCount).Select(position => _order[position]);
        return [.. unfolded.Where(id => !_forks.IsQuarantined(id)).Take(max)];
    }

    /// <summary>Folds one event. False, and without effect, when another one is due by now because late events were added.</summary>
    public bool Take(EventRecord record)
    {
        Settle();
        if (_position == _order.Count || _order[_position] != record.Id) return false;
        Apply(record);
        return true;
    }

    /// <summary>A runner over exactly the events of a cut, which starts from this one's nearest checkpoint. This one is not changed.</summary>
    /// <exception cref="CausalGapException">The cut is not causally closed, or names events that were not added.</exception>
    public FoldRunner<TState> At(VectorClock cut)
    {
        Settle();
        foreach (var (chain, sequence) in cut.Entries)
        {
            var head = _heads.GetValueOrDefault(chain);
            if (head < sequence) throw new CausalGapException(chain[sequence], chain[Math.Max(head + 1, _causality.FirstOf(chain))]);
            foreach (var (other, known) in _causality.ClockAt(chain[sequence]).Entries)
                if (cut[other] < known) throw new CausalGapException(chain[sequence], other[Math.Max(cut[other] + 1, _causality.FirstOf(other))]);
        }

        return new FoldRunner<TState>(this, cut);
    }

    /// <summary>Forgets what was folded from an event's place on.</summary>
    internal void RewindTo(EventId id)
    {
        Settle();
        Rewind(_order.PositionOf(id));
    }

    private void RequireParent(EventId first)
    {
        if (_causality.PredecessorOf(first) is { } parent && _heads.GetValueOrDefault(parent.Chain) < parent.Sequence) throw new CausalGapException(first, parent);
    }

    private void Settle()
    {
        Rewind(_order.Merge());
        foreach (var id in _leftOut) Rewind(_order.PositionOf(id));
        _leftOut.Clear();
        LeaveOut();
    }

    private void Rewind(int position)
    {
        if (position < _position) (_position, _folded) = _checkpoints.RewindTo(position);
    }

    /// <summary>Goes past the events of forked chains that come next.</summary>
    private void LeaveOut()
    {
        while (_position < _order.Count && _order[_position] is var id && _forks.IsQuarantined(id))
        {
            _folded = _folded with { State = Fold.LeaveOut(_folded.State, id, _forks.LastSharedOf(id.Chain)!.Value) };
            _checkpoints.Add(++_position, _folded);
        }
    }

    private void Apply(EventRecord record)
    {
        var past = new CausalPast(_causality, record.Id, _order.DepthAt(_position));
        try
        {
            _folded = _folded with { State = Fold.Apply(_folded.State, record, past), Count = _folded.Count + 1 };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A fold is code that others write, over bytes that others write: one bad event must not stop the rest.
            _folded = _folded with { Count = _folded.Count + 1, Poison = _folded.Poison.Add(new PoisonedEvent(record.Id, $"{e.GetType().Name}: {e.Message}")) };
        }

        _checkpoints.Add(++_position, _folded);
    }

    private sealed record Folded(TState State, ImmutableList<PoisonedEvent> Poison, int Count);
}
