using Microsoft.AspNetCore.Http;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary><c>/livez</c> and <c>/readyz</c>: whether the process answers, and whether its agents can be worked with. For whoever starts nodes; no
/// token is asked for, so nobody's name is said.</summary>
internal sealed class Health
{
    private volatile TavernNode? _node;

    /// <summary>The node has started: it has read its log and listens.</summary>
    public void Started(TavernNode node) => _node = node;

    /// <summary>Answers a call to one of the two; false for any other.</summary>
    public async Task<bool> TryAnswerAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (path != "/livez" && path != "/readyz") return false;
        if (path == "/readyz" && await WaitsForAsync(context.RequestAborted) is { } waits) await context.WriteProblemAsync(NotReady(waits));
        else await context.Response.WriteAsync("ok", context.RequestAborted);
        return true;
    }

    /// <summary>What a call is told that needs a node which has started.</summary>
    public static Problem NotReady(string waits) => new(ProblemTypes.NotReady, "Not ready yet", StatusCodes.Status503ServiceUnavailable, waits);

    /// <summary>What a call is told before the node has started.</summary>
    public const string Starting = "The node reads its log. Ask again.";

    private async ValueTask<string?> WaitsForAsync(CancellationToken cancellationToken)
    {
        if (_node is not { } node) return Starting;
        try
        {
            var waiting = await node.CountGuardedAsync(cancellationToken);
            return waiting == 0 ? null : $"{waiting} of {node.Hosted.Count} agents wait for others to say how far they have heard them, before they may write.";
        }
        catch (ObjectDisposedException)
        {
            return "The node stops.";
        }
    }
}
