using System.Text.Json;
using MediatR;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An agent writes one event. In payloads of the catalogue's types agents and events may be named as people name them
/// (<c>gandalf</c>, <c>gandalf:12</c>): the node puts the ids in. <see cref="Act"/> makes the usual ones.</summary>
/// <param name="Agent">Who writes; must be hosted on the node.</param>
/// <param name="Type">Type name; any name, the catalogue's are checked and folded.</param>
/// <param name="Payload">A JSON object.</param>
public sealed record WriteEvent(string Agent, string Type, JsonElement Payload) : IRequest<WrittenAnswer>, IWrite
{
    /// <summary>From 1.</summary>
    public int TypeVersion { get; init; } = 1;

    /// <summary>Events that are the reason for this one.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>Repeating a request with the same key returns the same event. 1 to 255 characters; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Write only if the agent's chain still ends with this event, e.g. <c>gandalf:41</c>; null for always.</summary>
    public string? IfHead { get; init; }

    /// <summary>The subscription that moves in the same commit; with <see cref="Handled"/>, null for none.</summary>
    public string? Subscription { get; init; }

    /// <summary>Log position of the event that was handled: the new event declares it as its cause, and it is written only if the
    /// subscription is not past it yet. Null for none.</summary>
    public long? Handled { get; init; }

    /// <summary>Where the subscription must stand before; null for anywhere below <see cref="Handled"/>.</summary>
    public long? From { get; init; }
}

/// <summary>What was written, durably.</summary>
/// <param name="Event">The new event; with a repeated idempotency key, the old one.</param>
/// <param name="Type">Its type.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Clock">Everything its writer had when writing it, itself included, as a cursor.</param>
public sealed record WrittenAnswer(EventRef Event, string Type, string Hash, string Clock) : Answer;

internal sealed class WriteEventHandler(Observers observers) : IRequestHandler<WriteEvent, WrittenAnswer>
{
    public async Task<WrittenAnswer> Handle(WriteEvent request, CancellationToken cancellationToken)
    {
        var node = observers.Node;
        if (request.IdempotencyKey is { Length: 0 or > AppendConditions.KeyCharsMax })
            throw RefusedException.Invalid($"The idempotency key has {request.IdempotencyKey.Length} characters; expected 1 to " +
                $"{AppendConditions.KeyCharsMax}.");
        var handled = HandledFields.Read(request.Subscription, request.Handled, request.From);
        var agent = await observers.ReadAsync(request.Agent, witness => witness.Observer, cancellationToken);
        var earlier = request.IdempotencyKey is { } key && await node.Store.FindIdempotencyAsync(agent, key, cancellationToken) is { } entry
            ? await node.Store.FindRecordAsync(entry.Event, cancellationToken)
            : null;
        var (draft, conditions) = await observers.ReadAsync(
            agent,
            witness => (
                new EventDrafts(witness, earlier).Draft(request, handled is null ? null : HandledFields.CauseOf(witness, handled)),
                new AppendConditions
                {
                    IdempotencyKey = request.IdempotencyKey,
                    ExpectedHead = HeadText.Expected(witness, request.IfHead),
                    Handled = handled,
                }),
            cancellationToken);
        var written = await AppendAsync(agent, draft, conditions, cancellationToken);
        return await observers.ReadAsync(
            agent,
            witness => new WrittenAnswer(
                witness.Of(written),
                request.Type,
                witness.History.Record(written).Hash.ToString(),
                CursorText.Of(witness.History.Causality.ClockAt(written))),
            cancellationToken);
    }

    private async ValueTask<EventId> AppendAsync(
        AgentId agent, Events.EventDraft draft, AppendConditions conditions, CancellationToken cancellationToken)
    {
        try
        {
            return (await observers.Node.AppendAsync(agent, [draft], conditions, cancellationToken))[0];
        }
        catch (AppendRefusedException e) when (e.Reason is AppendRefusal.HeadMoved)
        {
            throw await observers.ReadAsync(agent, witness => HeadText.Moved(witness, conditions.ExpectedHead ?? 0), cancellationToken);
        }
    }
}
