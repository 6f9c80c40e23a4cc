using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>Who has how much of whom.</summary>
internal static class GossipEndpoints
{
    private const double AskSeconds = 2; // as for beliefs

    public static void Map(IEndpointRouteBuilder api, IMediator requests)
    {
        api.MapGet("/clock", (string? observer, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetClock(observer), cancellationToken));
        api.MapGet("/lag", (string? observer, double? deadlineSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetLag(observer, deadlineSeconds ?? AskSeconds), cancellationToken));
        api.MapGet("/convergence", (string? observer, double? deadlineSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetConvergence(observer, deadlineSeconds ?? AskSeconds), cancellationToken));
        api.MapGet("/events/{id}/spread", (string id, string? observer, double? deadlineSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetSpread(id, observer, deadlineSeconds ?? AskSeconds), cancellationToken));
        api.MapGet("/events/{id}/knowers", (string id, string? observer, double? deadlineSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetKnowers(id, observer, deadlineSeconds ?? AskSeconds), cancellationToken));
    }
}
