using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>How far an agent's log was handled. Names of subscriptions may hold any character, so they are in bodies, not in paths.</summary>
internal static class SubscriptionEndpoints
{
    public static void Map(IEndpointRouteBuilder api, IMediator requests, ActingAgent acting)
    {
        api.MapGet("/agents/{agent}/subscriptions", (string agent, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ListSubscriptions(agent), cancellationToken));
        api.MapPut("/agents/{agent}/subscriptions", async (string agent, HttpContext context, CancellationToken cancellationToken) =>
        {
            var writer = await acting.RequireAsync(context, agent, cancellationToken);
            var body = await JsonBody.ReadAsync(context, DoorJson.Default.HandledBody, cancellationToken);
            return await requests.AnswerAsync(new MoveSubscription(writer, body.Subscription, body.Handled, body.From), cancellationToken);
        });
        api.MapPost("/agents/{agent}/subscriptions/skip", (string agent, HttpContext context, CancellationToken cancellationToken) =>
            SteerAsync(agent, skip: true, context, cancellationToken));
        api.MapPost("/agents/{agent}/subscriptions/retry", (string agent, HttpContext context, CancellationToken cancellationToken) =>
            SteerAsync(agent, skip: false, context, cancellationToken));

        async Task<IResult> SteerAsync(string agent, bool skip, HttpContext context, CancellationToken cancellationToken)
        {
            var writer = await acting.RequireAsync(context, agent, cancellationToken);
            var body = await JsonBody.ReadAsync(context, DoorJson.Default.StoppedBody, cancellationToken);
            return await requests.AnswerAsync(new SteerSubscription(writer, body.Subscription, body.Event, skip, body.Reason), cancellationToken);
        }
    }
}
