using MediatR;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>One event with everything that is known about it. Asks the others who has it.</summary>
/// <param name="Event">Which: <c>gandalf:42</c>, <c>gandalf:42~3</c>, <c>gandalf:42^</c>, or with ids.</param>
/// <param name="Observer">Whose log tells how it arrived; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
/// <param name="Local">True asks nobody.</param>
public sealed record ShowEvent(string Event, string? Observer = null, double DeadlineSeconds = 2, bool Local = false) : IRequest<EventAnswer>;

/// <summary>An event.</summary>
/// <param name="Observer">Whose log was read.</param>
/// <param name="Event">The event.</param>
/// <param name="Depth">Length of the longest chain of events that leads to it, itself included.</param>
/// <param name="Clock">Everything its writer had when writing it, as a cursor.</param>
/// <param name="Delivery">How it reached the observer; null when it has not.</param>
/// <param name="HeardBy">How many agents have it, as far as logs at hand prove.</param>
/// <param name="Effects">Events the observer has that declare it as a cause, at most 100, in canonical order.</param>
/// <param name="BuiltOn">Per other chain, its first event that the observer has and that was written with this one at hand, at most 100, in
/// canonical order: the first who built on it, knowingly or not, comes first.</param>
/// <param name="Signature">Whether its writer signed it, checked for this answer.</param>
/// <param name="Knowers">Who has it, as <see cref="GetKnowers"/> answers; null when nobody was asked.</param>
public sealed record EventAnswer(
    AgentRef Observer,
    EventView Event,
    long Depth,
    string Clock,
    Delivery? Delivery,
    HeardBy HeardBy,
    IReadOnlyList<EventRef> Effects,
    IReadOnlyList<EventRef> BuiltOn,
    SignatureState Signature,
    KnowersAnswer? Knowers) : Answer;

/// <summary>By which signature an event holds.</summary>
/// <param name="First">First event that the signature covers by itself; null when none is stored.</param>
/// <param name="Last">The event whose hash is signed.</param>
/// <param name="State"><c>good</c>: it is the writer's; <c>bad</c>: it is not; <c>no-key</c>: the observer has not heard who vouches for the writer;
/// <c>missing</c>: none is stored.</param>
public sealed record SignatureState(EventRef? First, EventRef? Last, string State);

internal sealed class ShowEventHandler(Observers observers, Others others) : IRequestHandler<ShowEvent, EventAnswer>
{
    private const int ListMax = 100; // a screen or two; 'effects' and the log have the rest

    public async Task<EventAnswer> Handle(ShowEvent request, CancellationToken cancellationToken)
    {
        var deadline = Others.Deadline(request.DeadlineSeconds);
        var (holder, id, names, answer) = await observers.ReadAsync(request.Observer, witness => Show(witness, request.Event), cancellationToken);
        var deliveries = new Deliveries(observers.Node.Store, holder, peer => new AgentRef(peer.ToString(), names.DisplayNameOf(peer)));
        return answer with
        {
            Delivery = (await deliveries.FindAsync(id, cancellationToken))?.Of(answer.Event.At),
            Signature = await new Signatures(observers).CheckAsync(holder, id, cancellationToken),
            Knowers = request.Local ? null : await new Knowers(observers, others).AskAsync(holder, id, deadline, cancellationToken),
        };
    }

    /// <summary>What is to be known of an event above the place where its chain has forked; null for any other.</summary>
    private static string? ForkNote(Witness witness, EventId id)
    {
        if (ForkPoints.Of(witness.History.Causality, witness.Clock).LastSharedOf(id.Chain) is not { } last || id.Sequence <= last.Sequence) return null;
        var others = witness.History.Causality.BranchesOf(id.Chain).Select(line => line[id.Sequence])
            .Where(other => other != id && witness.History.HasDelivered(witness.Observer, other)).Select(witness.Sentences.Of).ToList();
        return $"The chain of {witness.Sentences.Of(id.Agent)} has forked after {last.Sequence}: this event is quarantined and counts for nothing. "
            + (others.Count == 0 ? "" : $"In the same place it also wrote {string.Join(" and ", others)}. ") + "tavern show --forks has all lines.";
    }

    private static (AgentId Holder, EventId Id, Views.NameTable Names, EventAnswer Answer) Show(Witness witness, string text)
    {
        var id = witness.Event(text);
        var record = witness.History.Record(id);
        var view = witness.Show(record);
        var answer = new EventAnswer(
            witness.Of(witness.Observer),
            ForkNote(witness, id) is { } note ? view with { Note = view.Note is { } other ? $"{note} {other}" : note } : view,
            witness.History.Causality.DepthOf(id),
            CursorText.Of(witness.History.Causality.ClockAt(id)),
            null,
            witness.HeardBy(id),
            witness.Of(witness.EffectsOf(id, ListMax)),
            witness.Of(witness.BuiltOn(id).Take(ListMax)),
            new SignatureState(null, null, "missing"),
            null);
        return (witness.Observer, id, witness.Names, answer);
    }
}
