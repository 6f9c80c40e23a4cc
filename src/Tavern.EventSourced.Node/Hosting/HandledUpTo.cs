using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Moves a subscription of the writing agent, in the commit that writes the events: either both survive or neither.</summary>
/// <param name="Subscription">Its name, 1 to <see cref="SubscriptionPosition.NameCharsMax"/> characters, none of them a control
/// character. One that does not exist yet stands at 0.</param>
/// <param name="Position">Place in the agent's log up to which everything is handled by now; at most the log's length.</param>
/// <param name="From">Where it must stand before; null (the default) for anywhere below <paramref name="Position"/>. Either way each
/// place is passed once.</param>
public sealed record HandledUpTo(string Subscription, long Position, long? From = null)
{
    /// <summary>Checks what can be checked before anything is known about the agent.</summary>
    /// <exception cref="ArgumentException">The name is none, or a position is negative.</exception>
    public void Validate()
    {
        RequireName(Subscription);
        ArgumentOutOfRangeException.ThrowIfNegative(Position);
        if (From is { } from) ArgumentOutOfRangeException.ThrowIfNegative(from, nameof(From));
    }

    /// <summary>Checks a subscription's name.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static void RequireName(string name)
    {
        if (name.Length is 0 or > SubscriptionPosition.NameCharsMax || name.Any(char.IsControl))
            throw new ArgumentException(
                $"'{name}' is not the name of a subscription; expected 1 to {SubscriptionPosition.NameCharsMax} characters without control characters.", nameof(name));
    }
}
