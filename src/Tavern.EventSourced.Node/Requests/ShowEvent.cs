using MediatR;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>One event.</summary>
/// <param name="Event">Which: <c>gandalf:42</c>, <c>gandalf:42~3</c>, <c>gandalf:42^</c>, or with ids.</param>
/// <param name="Observer">Whose log tells how it arrived; by default the node's first agent that has it.</param>
public sealed record ShowEvent(string Event, string? Observer = null) : IRequest<EventAnswer>;

/// <summary>An event.</summary>
/// <param name="Observer">Whose log was read.</param>
/// <param name="Event">The event.</param>
/// <param name="Depth">Length of the longest chain of events that leads to it, itself included.</param>
/// <param name="Clock">Everything its writer had when writing it, as a cursor.</param>
/// <param name="Delivery">How it reached the observer.</param>
/// <param name="HeardBy">How many agents have it.</param>
/// <param name="Effects">Events the observer has that declare it as a cause, at most 100, in the order delivered.</param>
public sealed record EventAnswer(
    AgentRef Observer,
    EventView Event,
    long Depth,
    string Clock,
    Delivery? Delivery,
    HeardBy HeardBy,
    IReadOnlyList<EventRef> Effects) : Answer;

internal sealed class ShowEventHandler(Observers observers) : IRequestHandler<ShowEvent, EventAnswer>
{
    private const int EffectsMax = 100; // a screen or two; the log has the rest
    private const int Scanned = 5000; // events after it that are looked through

    public async Task<EventAnswer> Handle(ShowEvent request, CancellationToken cancellationToken)
    {
        var (holder, id, names, answer) = await observers.ReadAsync(request.Observer, witness => Show(witness, request.Event), cancellationToken);
        var deliveries = new Deliveries(observers.Node.Store, holder, peer => new AgentRef(peer.ToString(), names.DisplayNameOf(peer)));
        var delivery = await deliveries.FindAsync(id, cancellationToken);
        return delivery is null
            ? answer
            : answer with
            {
                Delivery = delivery,
                Effects = await observers.ReadAsync(holder, witness => Effects(witness, id, delivery.Position), cancellationToken),
            };
    }

    private static (AgentId Holder, EventId Id, Views.NameTable Names, EventAnswer Answer) Show(Witness witness, string text)
    {
        var id = witness.Event(text);
        var record = witness.History.Record(id);
        var answer = new EventAnswer(
            witness.Of(witness.Observer), witness.Show(record), witness.History.Causality.DepthOf(id),
            CursorText.Of(witness.History.Causality.ClockAt(id)), null, witness.HeardBy(id), []);
        return (witness.Observer, id, witness.Names, answer);
    }

    /// <summary>Effects come after their causes in every log.</summary>
    private static List<EventRef> Effects(Witness witness, EventId cause, long position)
    {
        var effects = new List<EventRef>();
        foreach (var (id, _, _) in LogWindow.Read(witness.History, witness.Observer, position + 1, Scanned))
            if (effects.Count < EffectsMax && witness.History.Record(id).Header.Causes.Contains(cause)) effects.Add(witness.Of(id));
        return effects;
    }
}
