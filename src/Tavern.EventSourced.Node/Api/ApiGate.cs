using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>What every call passes: is it meant for this node, who calls, and what becomes of an exception.</summary>
internal sealed class ApiGate(CallerToken tokens, ILogger logger)
{
    /// <summary>Lets a call in, or answers why not.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (Refusal(context) is { } refusal) await context.WriteProblemAsync(refusal);
            else await next(context);
            if (context.Response.HasStarted) return;
            if (context.GetEndpoint() is null && context.Response.StatusCode == StatusCodes.Status404NotFound) await NoSuchPathAsync(context);
            if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed) await NoSuchMethodAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away; there is nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            if (e is BadHttpRequestException bad) await context.WriteProblemAsync(OfBadRequest(bad));
            else if (Problems.Of(e) is { } problem) await context.WriteProblemAsync(problem);
            else
            {
                // One call failed; the caller learns that it did, the operator why.
                logger.LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
                await context.WriteProblemAsync(Problems.Fault);
            }
        }
    }

    private static Task NoSuchPathAsync(HttpContext context) => context.WriteProblemAsync(new Problem(
        ProblemTypes.NotFound, "Not found", StatusCodes.Status404NotFound, $"There is no {context.Request.Method} " +
            $"{context.Request.Path}. The API is below /api/v1."));

    private static Task NoSuchMethodAsync(HttpContext context) => context.WriteProblemAsync(new Problem(
        ProblemTypes.MethodNotAllowed,
        "Not with this method",
        StatusCodes.Status405MethodNotAllowed,
        $"{context.Request.Path} cannot be called with {context.Request.Method}; expected {context.Response.Headers.Allow}."));

    private Problem? Refusal(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) return null;
        if (tokens.Find(context.Request.Headers.Authorization) is not { } caller)
        {
            return new Problem(
                ProblemTypes.TokenMissing,
                "No valid token",
                StatusCodes.Status401Unauthorized,
                "The call shows no token that this node gave out; expected 'Authorization: Bearer TOKEN' with the content of a file " +
                    "in the node's data folder: tokens/read to read, tokens/AGENT to write as that agent.");
        }

        context.Features.Set(caller);
        return HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || caller is Caller.Writer
            ? null
            : new Problem(
                ProblemTypes.TokenWrong,
                "The token does not allow this",
                StatusCodes.Status403Forbidden,
                "The token shown lets read only; to write, show the token of the agent that acts (tokens/AGENT in the node's data " +
                    "folder).");
    }

    private static Problem OfBadRequest(BadHttpRequestException e) => e.StatusCode == StatusCodes.Status413PayloadTooLarge
        ? new Problem(ProblemTypes.TooLarge, "Too large", 413, $"The body is larger than the limit allows: a payload may have " +
            $"{Events.EventLimits.PayloadBytesMax} bytes, a recorded history {Histories.HistoryLimits.FileBytesMax}.")
        : new Problem(
            ProblemTypes.Invalid,
            "The request is not valid",
            StatusCodes.Status400BadRequest,
            e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message);
}
