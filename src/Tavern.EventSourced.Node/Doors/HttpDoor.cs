using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MediatR;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>The door to a running node: each request becomes one HTTP call. Safe for concurrent use.</summary>
/// <param name="node">The node's API, e.g. <c>http://127.0.0.1:4100</c>.</param>
/// <param name="tokens">Its tokens.</param>
public sealed class HttpDoor(Uri node, TokenFolder tokens) : IDoor
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false, // a node is on this machine
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        Expect100ContinueTimeout = TimeSpan.FromSeconds(10), // a node refuses what is too large before it is sent
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private readonly ConcurrentDictionary<string, AgentId> _agents = [];

    /// <inheritdoc/>
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken)
    {
        var call = HttpRoutes.Of(request);
        var token = await TokenForAsync(call, cancellationToken);
        var response = await CallAsync(call.ToMessage(node, token), cancellationToken);
        if (typeof(TAnswer) == typeof(ExportAnswer)) return (TAnswer)(object)new ExportAnswer(LinesAsync(response, cancellationToken));
        using (response)
        {
            var json = (JsonTypeInfo<TAnswer>)AnswerJson.Default.GetTypeInfo(typeof(TAnswer))!;
            try
            {
                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                return await JsonSerializer.DeserializeAsync(body, json, cancellationToken) ?? throw Stranger(response, null);
            }
            catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
            {
                throw Stranger(response, e);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string?> TokenForAsync(HttpCall call, CancellationToken cancellationToken)
    {
        if (call.Writer is not { } writer) return tokens.FindRead();
        if (!AgentId.TryParse(writer, out var agent) && !_agents.TryGetValue(writer, out agent))
        {
            var shown = await SendAsync(new ShowAgent(writer), cancellationToken);
            agent = AgentId.Parse(shown.Row.Agent.Id);
            _agents[writer] = agent;
        }

        return tokens.FindWrite(agent) ?? throw new DoorException(new Problem(
            ProblemTypes.NotHosted,
            "Not hosted here",
            404,
            $"There is no token to write as {writer} ({tokens.WriteFile(agent)} is missing): this node does not host it. Write on " +
                $"the node that does, or act as one of this node's agents with --as."));
    }

    private async Task<HttpResponseMessage> CallAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new NodeUnreachableException(node, $"No node answers at {node.GetLeftPart(UriPartial.Authority)}. Is it running? " +
                $"Start it with: tavern node", e);
        }
        finally
        {
            message.Dispose();
        }

        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") throw Stranger(response, null);
            var problem = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), AnswerJson.Default.Problem);
            throw problem is null ? Stranger(response, null) : new DoorException(problem);
        }
    }

    private async IAsyncEnumerable<EventView> LinesAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using (response)
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
                yield return JsonSerializer.Deserialize(line, AnswerJson.Default.EventView) ?? throw Stranger(response, null);
        }
    }

    private NodeUnreachableException Stranger(HttpResponseMessage response, Exception? inner) => new(
        node,
        $"What answers at {node.GetLeftPart(UriPartial.Authority)} is not a Tavern node that this version understands (HTTP " +
            $"{(int)response.StatusCode} {(HttpStatusCode)(int)response.StatusCode}).",
        inner);
}
