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
        api.MapGet("/events/{id}/evidence", (string id, string? observer, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ShowEvent(id, observer), cancellationToken));
        api.MapGet(
            "/agents/{agent}/events",
            (string agent, string? observer, string[]? type, int? limit, long? after, long? before, CancellationToken cancellationToken) =>
                requests.AnswerAsync(new ReadLog(observer, agent, type, limit ?? 100, after, before), cancellationToken));
        api.MapGet("/log", (string? observer, string[]? type, int? limit, long? after, long? before, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ReadLog(observer, null, type, limit ?? 100, after, before), cancellationToken));
        api.MapGet("/tail", (string? observer, long? after, double? waitSeconds, int? limit, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new TailLog(observer, after, waitSeconds ?? 25, limit ?? 100), cancellationToken));
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
