using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>An event, or a cut, needs another event that is not held.</summary>
public sealed class CausalGapException(EventId needing, EventId missing)
    : InvalidOperationException($"Event {needing} needs {missing}, which is not held. Deliver its causes first.")
{
    /// <summary>The event that cannot be placed.</summary>
    public EventId Needing { get; } = needing;

    /// <summary>The first event that is missing.</summary>
    public EventId Missing { get; } = missing;
}
