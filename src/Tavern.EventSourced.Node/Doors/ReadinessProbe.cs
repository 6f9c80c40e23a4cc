using System.Net;
using System.Text.Json;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>Asks the node of a data folder whether it is ready. Needs no token.</summary>
public static class ReadinessProbe
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2); // on this machine; a node that takes longer is not ready

    /// <summary>Asks once.</summary>
    /// <returns>Null when it is ready, else what it waits for; without an answer, that it starts.</returns>
    /// <exception cref="NodeFileException">No node runs on the folder.</exception>
    public static async Task<string?> AskAsync(string dataFolder, CancellationToken cancellationToken)
    {
        if (!NodeStore.IsHeld(dataFolder)) throw new NodeFileException($"No node is running on {dataFolder}.");
        if (NodeFile.Find(dataFolder) is not { } running) return "The node is starting.";
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { Timeout = AnswerTime };
        try
        {
            using var answer = await http.GetAsync(new Uri(running.Api, "/readyz"), cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode is HttpStatusCode.OK) return null;
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(body, AnswerJson.Default.Problem)?.Detail ?? "It does not say why.";
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return $"The node does not answer at {running.Api.Authority}: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The node does not answer at {running.Api.Authority} within {AnswerTime.TotalSeconds} s.";
        }
    }
}
