using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>An answer on its way out. What an agent knows changes at any time, so nobody may keep it, unless it says otherwise.</summary>
internal sealed class JsonAnswer<TAnswer>(TAnswer answer) : IResult
    where TAnswer : Answer
{
    /// <summary>HTTP status; 200 by default.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Strong entity tag, with its quotes; null for none.</summary>
    public string? ETag { get; init; }

    /// <summary>Where what was made can be read; null for nothing.</summary>
    public string? Location { get; init; }

    /// <summary>How long it may be kept.</summary>
    public string CacheControl { get; init; } = "no-store";

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.CacheControl = CacheControl;
        response.Headers.XContentTypeOptions = "nosniff";
        if (ETag is not null) response.Headers.ETag = ETag;
        if (Location is not null) response.Headers.Location = Location;
        if (ETag is not null && httpContext.Request.Headers.IfNoneMatch.Any(tag => tag == ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.StatusCode = Status;
        response.ContentType = "application/json";
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, AnswerJson.Default.GetTypeInfo(typeof(TAnswer))!);
        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
    }
}
