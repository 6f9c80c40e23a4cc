using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores;

/// <summary>What a store says when a batch contradicts what it holds: the same words from every store.</summary>
public static class StoreConflicts
{
    /// <summary>A segment starts past the end of its chain, or straddles it.</summary>
    public static StoreConflictException DoesNotContinueChain(Segment segment, long head) =>
        new($"Segment {segment.Chain[segment.First]}..{segment.Last} does not continue its chain, which is held up to {head};"
            + $" expected it to start at {head + 1}.");

    /// <summary>A segment follows another record than the one that is held.</summary>
    public static StoreConflictException NamesAnotherPredecessor(Segment segment) =>
        new($"Record {segment.Chain[segment.First]} names another predecessor than the held {segment.Chain[segment.First - 1]}.");

    /// <summary>Another record is held in this place.</summary>
    public static StoreConflictException AnotherRecordIsHeld(EventId id) => new($"Another record is held as {id}.");

    /// <summary>A run does not start where its holder's log ends.</summary>
    public static StoreConflictException DoesNotContinueLog(Run run, long end) =>
        new($"The run at position {run.Position} does not continue the log of {run.Holder}, which ends at {end};"
            + $" expected position {end + 1}.");

    /// <summary>Another run is held in this place.</summary>
    public static StoreConflictException AnotherRunIsHeld(Run run) =>
        new($"Another run is held at position {run.Position} of the log of {run.Holder}.");

    /// <summary>A run does not start where its holder's knowledge of the chain ends.</summary>
    public static StoreConflictException DeliversOutOfTurn(Run run, long delivered) =>
        new($"The run at position {run.Position} delivers {run.Chain[run.First]}..{run.Last} to {run.Holder}, who holds that chain"
            + $" up to {delivered}; expected it to start at {delivered + 1}.");

    /// <summary>A run names events whose bodies are not held.</summary>
    public static StoreConflictException BodiesAreMissing(Run run, long head) =>
        new($"The run at position {run.Position} of the log of {run.Holder} needs {run.Chain[run.Last]}; the chain is held up to {head}.");

    /// <summary>The key was used for another request, or names an event that is not held.</summary>
    public static StoreConflictException KeyIsTaken(IdempotencyEntry entry, EventId? heldEvent) => heldEvent is { } held
        ? new($"The idempotency key '{entry.Key}' of {entry.Agent} belongs to another request, which appended {held}.")
        : new($"The idempotency key '{entry.Key}' of {entry.Agent} names {entry.Event}, which is not held.");
}
