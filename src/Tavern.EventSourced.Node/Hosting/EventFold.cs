using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The tavern's view over a growing set of events; folded when read. One owner.</summary>
internal sealed class EventFold(CausalIndex causality)
{
    private readonly ViewRunner _runner = new(causality);

    /// <summary>Number of events.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an event: of one chain in order, of several in any.</summary>
    public void Add(EventRecord record)
    {
        if (_runner.Add(record)) Count++;
    }

    /// <summary>The view over all of them.</summary>
    public FoldResult<TavernView> Read(Func<EventId, EventRecord> read) => _runner.Read(read);

    /// <summary>The view at an older cut; null when more than <paramref name="foldMax"/> events would have to be folded again.</summary>
    /// <exception cref="CausalGapException">The cut is not causally closed, or names events that were not added.</exception>
    public FoldResult<TavernView>? ReadAt(VectorClock cut, int foldMax, Func<EventId, EventRecord> read)
    {
        var past = _runner.At(cut);
        return past.UnfoldedCount > foldMax ? null : past.Read(read);
    }
}
