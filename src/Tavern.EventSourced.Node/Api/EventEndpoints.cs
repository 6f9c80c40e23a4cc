using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>Events and logs.</summary>
internal static class EventEndpoints
{
    private const string Immutable = "private, max-age=31536000, immutable";

    public static void Map(IEndpointRouteBuilder api, IMediator requests)
    {
        api.MapGet("/events/{id}", (string id, CancellationToken cancellationToken) => RecordAsync(requests, id, cancellationToken));
        api.MapGet("/events/{id}/evidence", (string id, string? observer, double? deadlineSeconds, bool? local, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ShowEvent(id, observer, deadlineSeconds ?? 2, local ?? false), cancellationToken));
        api.MapGet("/events/{id}/causes", (string id, string? observer, string? depth, string? limit, bool? texts, CancellationToken cancellationToken) =>
            requests.AnswerAsync(
                new GetCauses(id, observer, QueryNumber.Int("depth", depth), QueryNumber.Int("limit", limit) ?? 100, texts ?? true), cancellationToken));
        api.MapGet("/events/{id}/effects", (string id, string? observer, string? depth, string? limit, bool? texts, CancellationToken cancellationToken) =>
            requests.AnswerAsync(
                new GetEffects(id, observer, QueryNumber.Int("depth", depth), QueryNumber.Int("limit", limit) ?? 100, texts ?? true), cancellationToken));
        api.MapGet("/relation", (string a, string b, string? observer, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetRelation(a, b, observer), cancellationToken));
        api.MapGet("/forks", (string? observer, CancellationToken cancellationToken) => requests.AnswerAsync(new GetForks(observer), cancellationToken));
        api.MapGet("/agents/{writer}/events", (string writer, [AsParameters] LogQuery query, CancellationToken cancellationToken) =>
            requests.AnswerAsync(query.ToRead(writer), cancellationToken));
        api.MapGet("/log", ([AsParameters] LogQuery query, CancellationToken cancellationToken) =>
            requests.AnswerAsync(query.ToRead(null), cancellationToken));
        api.MapGet("/tail", ([AsParameters] LogQuery query, double? waitSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(query.ToTail(waitSeconds ?? 25), cancellationToken));
        api.MapGet("/export", async (string? observer, CancellationToken cancellationToken) =>
            (IResult)new JsonLines((await requests.Send(new ExportLog(observer), cancellationToken)).Events));
    }

    private static async Task<IResult> RecordAsync(IMediator requests, string id, CancellationToken cancellationToken)
    {
        var record = await requests.Send(new GetRecord(id), cancellationToken);
        // Only the id names the event for ever: gandalf:42~3 and gandalf may mean another tomorrow.
        return new JsonAnswer<RecordAnswer>(record)
        {
            ETag = $"\"{record.Hash}\"",
            CacheControl = EventId.TryParse(id, out _) ? Immutable : "no-cache",
        };
    }
}
