using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>Writes problems as RFC 9457 wants them.</summary>
internal static class ProblemWriter
{
    /// <summary>Answers with the problem.</summary>
    public static Task WriteProblemAsync(this HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        var json = JsonSerializer.SerializeToUtf8Bytes(problem, AnswerJson.Default.Problem);
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }
}
