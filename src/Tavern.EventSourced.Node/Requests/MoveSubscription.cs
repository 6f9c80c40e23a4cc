using MediatR;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>A client has handled an agent's log up to a place, and nothing follows from it. With something to write, the place goes
/// along with <see cref="WriteEvent"/>. Repeating it is harmless.</summary>
/// <param name="Agent">Whose subscription; must be hosted on the node.</param>
/// <param name="Subscription">Its name, 1 to 255 characters; one that does not exist stands at 0.</param>
/// <param name="Handled">Place in the log, from 0 to its length.</param>
/// <param name="From">Where it must stand before; null for anywhere up to <paramref name="Handled"/>.</param>
public sealed record MoveSubscription(string Agent, string Subscription, long Handled, long? From = null) : IRequest<SubscriptionsAnswer>, IWrite;

internal sealed class MoveSubscriptionHandler(Observers observers) : IRequestHandler<MoveSubscription, SubscriptionsAnswer>
{
    public async Task<SubscriptionsAnswer> Handle(MoveSubscription request, CancellationToken cancellationToken)
    {
        var agent = await observers.ReadAsync(request.Agent, witness => witness.Observer, cancellationToken);
        var handled = HandledFields.Read(request.Subscription, request.Handled, request.From);
        try
        {
            await observers.Node.AppendAsync(agent, [], new AppendConditions { Handled = handled }, cancellationToken);
        }
        catch (PositionMovedException moved) when (moved.Position == handled.Position)
        {
            // It stands there: this is a repetition.
        }

        return await ListSubscriptionsHandler.ReadAsync(observers, agent, cancellationToken);
    }
}
