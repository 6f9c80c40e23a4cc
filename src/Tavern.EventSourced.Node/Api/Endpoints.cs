using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>All paths of the API. Each sends one request.</summary>
internal static class Endpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder app, IMediator requests, TavernNode node, CallerToken tokens)
    {
        var api = app.MapGroup("/api/v1");
        BeliefEndpoints.Map(api, requests);
        EventEndpoints.Map(api, requests);
        GossipEndpoints.Map(api, requests);
        var acting = new ActingAgent(node);
        WriteEndpoints.Map(api, requests, acting, tokens);
        SubscriptionEndpoints.Map(api, requests, acting);
    }

    /// <summary>Sends a request and answers with its answer as JSON.</summary>
    public static async Task<IResult> AnswerAsync<TAnswer>(this IMediator requests, IRequest<TAnswer> request, CancellationToken cancellationToken)
        where TAnswer : Answer
    {
        var answer = await requests.Send(request, cancellationToken);
        return new JsonAnswer<TAnswer>(answer);
    }
}
