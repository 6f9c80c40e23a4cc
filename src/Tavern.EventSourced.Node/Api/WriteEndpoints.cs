using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>What changes something. Each acts as the agent whose token the caller shows.</summary>
internal static class WriteEndpoints
{
    // All files in base64, and room for a pattern and the rest of the body.
    private const int HistoriesBodyBytesMax = (HistoryLimits.FileBytesMax / 3 + 1) * 4 + 64 * 1024;

    public static void Map(IEndpointRouteBuilder api, IMediator requests, ActingAgent acting, CallerToken tokens)
    {
        api.MapPost("/agents/{agent}/events", async (string agent, HttpContext context, CancellationToken cancellationToken) =>
        {
            var writer = await acting.RequireAsync(context, agent, cancellationToken);
            var body = await JsonBody.ReadAsync(context, DoorJson.Default.EventBody, cancellationToken);
            var written = await requests.Send(
                new WriteEvent(writer, body.Type, body.Payload)
                {
                    TypeVersion = body.TypeVersion,
                    Causes = body.Causes ?? [],
                    IdempotencyKey = IdempotencyKeyOf(context.Request),
                    IfHead = IfMatchOf(context.Request),
                    Subscription = body.Subscription,
                    Handled = body.Handled,
                    From = body.From,
                },
                cancellationToken);
            return Created(written, $"/api/v1/events/{written.Event.Id}");
        });
        api.MapPost("/agents/{agent}/gossip/pause", (string agent, HttpContext context, CancellationToken cancellationToken) =>
            SetGossipAsync(agent, true, context, cancellationToken));
        api.MapPost("/agents/{agent}/gossip/resume", (string agent, HttpContext context, CancellationToken cancellationToken) =>
            SetGossipAsync(agent, false, context, cancellationToken));
        api.MapPost("/agents", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            var body = await JsonBody.ReadAsync(context, DoorJson.Default.NewcomerBody, cancellationToken);
            var parent = await acting.RequireAsync(context, body.Parent, cancellationToken);
            var spawned = await requests.Send(new SpawnAgent(parent, body.Name, body.Role), cancellationToken);
            tokens.EnsureAll();
            return Created(spawned, $"/api/v1/agents/{spawned.Agent.Id}");
        });
        api.MapPost("/invitations", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            var body = await JsonBody.ReadAsync(context, DoorJson.Default.InvitationBody, cancellationToken);
            var parent = await acting.RequireAsync(context, body.Parent, cancellationToken);
            var invited = await requests.Send(new InviteAgent(parent, body.Name, body.Role, body.ValidDays), cancellationToken);
            return Created(invited, $"/api/v1/agents/{invited.Agent.Id}");
        });

        api.MapPost("/rekeys", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            var body = await JsonBody.ReadAsync(context, DoorJson.Default.RekeyBody, cancellationToken);
            var ancestor = await acting.RequireAsync(context, body.Ancestor, cancellationToken);
            var rekeyed = await requests.Send(new RekeyAgent(ancestor, body.Agent), cancellationToken);
            return Created(rekeyed, $"/api/v1/agents/{rekeyed.Agent.Id}");
        });

        api.MapPost("/imports", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = HistoriesBodyBytesMax;
            var body = await JsonBody.ReadAsync(context, DoorJson.Default.HistoriesBody, cancellationToken);
            var importer = await acting.RequireAsync(context, body.Agent, cancellationToken);
            var imported = await requests.Send(
                new ImportHistories(importer, body.Format, body.Files)
                {
                    Pattern = body.Pattern,
                    AllowUnmatched = body.AllowUnmatched,
                    Again = body.Again,
                    Prefixed = body.Prefixed,
                },
                cancellationToken);
            return imported.Histories.FirstOrDefault(history => !history.AlreadyThere) is { } first
                ? Created(imported, $"/api/v1/events/{first.Event.Id}")
                : new JsonAnswer<ImportedAnswer>(imported);
        });

        async Task<IResult> SetGossipAsync(string agent, bool paused, HttpContext context, CancellationToken cancellationToken)
        {
            var writer = await acting.RequireAsync(context, agent, cancellationToken);
            var body = context.Request.ContentLength is null or 0
                ? new PeersBody()
                : await JsonBody.ReadAsync(context, DoorJson.Default.PeersBody, cancellationToken);
            return await requests.AnswerAsync(new SetGossip(writer, paused, body.Peers), cancellationToken);
        }
    }

    private static JsonAnswer<TAnswer> Created<TAnswer>(TAnswer answer, string location) where TAnswer : Answer =>
        new(answer) { Status = StatusCodes.Status201Created, Location = location };

    private static string? IdempotencyKeyOf(HttpRequest request) => request.Headers.TryGetValue("Idempotency-Key", out var keys)
        ? keys is [{ Length: > 0 } key] ? key : throw RefusedException.Invalid("The Idempotency-Key header is empty or given twice; " +
            "expected 1 to 255 characters once.")
        : null;

    private static string? IfMatchOf(HttpRequest request) => request.Headers.IfMatch switch
    {
        [] or [""] => null,
        [{ Length: > 2 } tag] when tag[0] == '"' && tag[^1] == '"' && !tag.AsSpan(1, tag.Length - 2).Contains('"') => tag[1..^1],
        var tags => throw RefusedException.Invalid($"The If-Match header is '{tags}'; expected one event in quotes, e.g. If-Match: " +
            $"\"gandalf:41\"."),
    };
}
