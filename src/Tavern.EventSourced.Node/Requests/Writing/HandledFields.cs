using System.Diagnostics.CodeAnalysis;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Reads what a client says it has handled.</summary>
internal static class HandledFields
{
    /// <summary>The step; null when the client names neither a subscription nor a place.</summary>
    /// <exception cref="RefusedException">One is missing, or out of range.</exception>
    [return: NotNullIfNotNull(nameof(subscription))]
    public static HandledUpTo? Read(string? subscription, long? handled, long? from)
    {
        if (subscription is null && handled is null && from is null) return null;
        if (subscription is null || handled is null)
            throw RefusedException.Invalid("A step of a subscription has both fields, 'subscription' (its name) and 'handled' (a log position, as " +
                "in delivery.position of the event that was handled); one of them is missing.");
        var step = new HandledUpTo(subscription, handled.Value, from);
        try
        {
            step.Validate();
        }
        catch (ArgumentException e)
        {
            throw RefusedException.Invalid(e.Message);
        }

        return step;
    }

    /// <summary>The event that was handled: what is written because of it declares it as a cause.</summary>
    /// <exception cref="RefusedException">The log is not that long, or the place is 0.</exception>
    public static EventId CauseOf(Witness witness, HandledUpTo handled)
    {
        foreach (var (id, _, _) in LogWindow.Read(witness.History, witness.Observer, handled.Position, 1))
            if (handled.Position > 0) return id;
        throw RefusedException.Invalid($"'handled' is {handled.Position}; expected the log position of the event that was handled, from 1 to " +
            $"{witness.History.LogLength(witness.Observer)}.");
    }
}
