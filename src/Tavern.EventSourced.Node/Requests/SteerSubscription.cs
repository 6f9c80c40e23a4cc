using MediatR;
using Tavern.EventSourced.Node.Subscriptions;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Decides what becomes of the event that a subscription stopped on: skipped, which the agent's log records, or tried again.</summary>
/// <param name="Agent">Whose subscription; its handler must run in the node's process.</param>
/// <param name="Subscription">Its name.</param>
/// <param name="Event">The event it stopped on: a repeated or late request decides about nothing else.</param>
/// <param name="Skip">True to go on behind it, false to try it again.</param>
/// <param name="Reason">With a skip, why, in at most 2000 characters; null for nothing.</param>
public sealed record SteerSubscription(string Agent, string Subscription, string Event, bool Skip, string? Reason = null)
    : IRequest<SubscriptionsAnswer>, IWrite;

internal sealed class SteerSubscriptionHandler(Observers observers) : IRequestHandler<SteerSubscription, SubscriptionsAnswer>
{
    public async Task<SubscriptionsAnswer> Handle(SteerSubscription request, CancellationToken cancellationToken)
    {
        var (agent, cause) = await observers.ReadAsync(
            request.Agent, witness => (witness.Observer, witness.OwnEvent(request.Event)), cancellationToken);
        var subscription = observers.Node.FindSubscription(agent, request.Subscription) ?? throw RefusedException.NotFound(
            $"No handler of a subscription '{request.Subscription}' of {request.Agent} runs in this node's process. If it is a client's, the client " +
                "skips an event by moving the position past it.");
        if (request.Reason?.Length > Subscription.ReasonCharsMax)
            throw RefusedException.Invalid($"The reason has {request.Reason.Length} characters; expected at most {Subscription.ReasonCharsMax}.");
        try
        {
            if (request.Skip) subscription.Skip(cause, request.Reason);
            else subscription.Retry(cause);
            if (request.Skip) await subscription.WaitUntilHandledAsync(cause, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            throw new RefusedException(new Problem(ProblemTypes.CannotWrite, "The subscription is not stopped on that event", 409, e.Message));
        }

        return await ListSubscriptionsHandler.ReadAsync(observers, agent, cancellationToken);
    }
}
