using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>The built-in view over all events that one agent has delivered: a <see cref="FoldRunner{TState}"/> that also refolds when
/// an event takes away the standing of others, as a retirement or a new epoch does. Works and costs as that does, and some
/// 200 bytes per agent, retirement, epoch and endorsement. One owner; not safe for concurrent use.</summary>
public sealed class ViewRunner
{
    private readonly CausalIndex _causality;
    private readonly StandingIndex _index;
    private readonly FoldRunner<TavernView> _runner;
    private Standing _standing;

    /// <summary>Starts without events.</summary>
    /// <param name="causality">Holds every event before it is added here; it may hold more.</param>
    public ViewRunner(CausalIndex causality)
    {
        (_causality, _standing) = (causality, Standing.All);
        _runner = new FoldRunner<TavernView>(new TavernFold(_standing), causality);
        _index = new StandingIndex(causality, _runner.Forks);
    }

    private ViewRunner(ViewRunner whole, VectorClock cut)
    {
        _runner = whole._runner.At(cut);
        (_causality, _index, _standing) = (whole._causality, whole._index.At(cut, _runner.Forks), whole._standing);
    }

    /// <summary>All that was added.</summary>
    public VectorClock Clock => _runner.Clock;

    /// <summary>Number of events that the next read has to fold.</summary>
    public int UnfoldedCount
    {
        get
        {
            Settle();
            return _runner.UnfoldedCount;
        }
    }

    /// <summary>Adds a delivered event. Nothing is folded yet. False, and without effect, when it was added before.</summary>
    /// <exception cref="CausalGapException">Its predecessor was not added, or the causal index does not hold it.</exception>
    public bool Add(EventRecord record)
    {
        if (!_runner.Add(record)) return false;
        _index.Add(record);
        return true;
    }

    /// <inheritdoc cref="FoldRunner{TState}.Read"/>
    public FoldResult<TavernView> Read(Func<EventId, EventRecord> read)
    {
        Settle();
        return _runner.Read(read);
    }

    /// <inheritdoc cref="FoldRunner{TState}.NextUnfolded"/>
    public ImmutableArray<EventId> NextUnfolded(int max)
    {
        Settle();
        return _runner.NextUnfolded(max);
    }

    /// <inheritdoc cref="FoldRunner{TState}.Take"/>
    public bool Take(EventRecord record)
    {
        Settle();
        return _runner.Take(record);
    }

    /// <summary>The view over exactly the events of a cut, from the nearest checkpoint of this one. This one is not changed.</summary>
    /// <exception cref="CausalGapException">The cut is not causally closed, or names events that were not added.</exception>
    public ViewRunner At(VectorClock cut)
    {
        Settle();
        return new ViewRunner(this, cut);
    }

    /// <summary>Brings the fold in line with what counts by now.</summary>
    private void Settle()
    {
        var standing = _index.Standing;
        if (ReferenceEquals(standing, _standing)) return;
        foreach (var id in standing.Differences(_standing, _index.ChainsOf))
            if (_causality.Contains(id)) _runner.RewindTo(id);
        _runner.Fold = new TavernFold(standing);
        _standing = standing;
    }
}
