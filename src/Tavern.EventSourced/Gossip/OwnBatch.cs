using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Histories;

namespace Tavern.EventSourced.Gossip;

/// <summary>What an agent's waiting appends became.</summary>
/// <param name="Segments">Its own segments, in order.</param>
/// <param name="Appends">Which appends they carry.</param>
/// <param name="Histories">Recorded histories that came with them and are still to be written.</param>
internal sealed record OwnBatch(ImmutableArray<Segment> Segments, ImmutableArray<AppendedEvents> Appends, ImmutableArray<OwnBatch.Recorded> Histories)
{
    /// <summary>Nothing.</summary>
    public static OwnBatch Empty { get; } = new([], [], []);

    /// <summary>This and what follows it.</summary>
    public OwnBatch Then(OwnBatch next) => new(Segments.AddRange(next.Segments), Appends.AddRange(next.Appends), Histories.AddRange(next.Histories));

    /// <summary>A recorded history and the record that vouches for its historian.</summary>
    internal sealed record Recorded(RecordedChains History, EventRecord Voucher);
}
