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

    /// <summary>A branch leaves no line that is held.</summary>
    public static StoreConflictException LeavesNoLine(Segment segment) =>
        new($"The branch {segment.Chain} begins at {segment.First}; no line of {segment.Chain.Main} holds the record before it, which its previous hash names.");

    /// <summary>The records have their place on another line of the chain.</summary>
    public static StoreConflictException HeldOnAnotherLine(Segment segment, EventId held) =>
        new($"The record {segment.Chain[segment.Last]} is held already as {held}.");

    /// <summary>A segment follows another record than the one that is held.</summary>
    public static StoreConflictException NamesAnotherPredecessor(Segment segment) =>
        new($"Record {segment.Chain[segment.First]} names another predecessor than the held {segment.Chain[segment.First - 1]}.");

    /// <summary>Another record is held in this place, or the line begins above it.</summary>
    public static StoreConflictException AnotherRecordIsHeld(EventId id) => new($"The record that is to be {id} is another than the one held there, or {id.Chain} begins above it.");

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

    /// <summary>A run begins a branch before its holder has delivered the line that the branch leaves.</summary>
    public static StoreConflictException LeavesNoDeliveredLine(Run run) =>
        new($"The run at position {run.Position} delivers {run.Chain[run.First]}..{run.Last} to {run.Holder}, who has not delivered the record that this branch follows.");

    /// <summary>A run names events whose bodies are not held.</summary>
    public static StoreConflictException BodiesAreMissing(Run run, long head) =>
        new($"The run at position {run.Position} of the log of {run.Holder} needs {run.Chain[run.Last]}; the chain is held up to {head}.");

    /// <summary>The key was used for another request, or names an event that is not held.</summary>
    public static StoreConflictException KeyIsTaken(IdempotencyEntry entry, EventId? heldEvent) => heldEvent is { } held
        ? new($"The idempotency key '{entry.Key}' of {entry.Agent} belongs to another request, which appended {held}.")
        : new($"The idempotency key '{entry.Key}' of {entry.Agent} names {entry.Event}, which is not held.");

    /// <summary>Refuses a step that does not start where its subscription stands, leads backwards, or leads past the log's end.</summary>
    /// <param name="step">The step.</param>
    /// <param name="held">Where the subscription stands; null when it does not exist.</param>
    /// <param name="end">Length of the agent's log.</param>
    /// <exception cref="StoreConflictException">With the positions.</exception>
    public static void RequireLegal(PositionStep step, SubscriptionPosition? held, long end)
    {
        if (step.Subscription.Length is 0 or > SubscriptionPosition.NameCharsMax)
            throw new StoreConflictException(
                $"A subscription of {step.Agent} has a name of {step.Subscription.Length} characters; expected 1 to {SubscriptionPosition.NameCharsMax}.");
        var position = held?.Position ?? 0;
        if (step.From != position || step.To < step.From || (step.To == step.From && held is not null))
            throw new StoreConflictException(
                $"The subscription '{step.Subscription}' of {step.Agent} stands at {position}; the step from {step.From} to {step.To} does not lead on from there.");
        if (step.To > end)
            throw new StoreConflictException(
                $"The subscription '{step.Subscription}' of {step.Agent} cannot step to {step.To}: the log ends at {end}.");
    }

    /// <summary>A step names an event as emitted with it that is not held.</summary>
    public static StoreConflictException EmittedIsMissing(PositionStep step) =>
        new($"The step of the subscription '{step.Subscription}' of {step.Agent} to {step.To} names {step.By} as emitted, which is not held.");
}
