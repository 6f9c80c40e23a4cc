using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>One forked chain of an agent.</summary>
/// <param name="Epoch">Its epoch.</param>
public sealed record ForkView(int Epoch)
{
    /// <summary>The last sequence that all its lines share, 0 for none; null while the cut holds one line only.</summary>
    public long? LastShared { get; init; }

    /// <summary>Number of events above that, on all lines: delivered, never folded.</summary>
    public long Quarantined { get; init; }

    /// <summary>The place at which two of its lines differ, with the proof (<c>ForkDetected</c>) that decided; null while nobody has shown one.</summary>
    public Field<EventId>? Proof { get; init; }
}
