using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>Events as they come, one per line: nothing is gathered in memory.</summary>
internal sealed class JsonLines(IAsyncEnumerable<EventView> events) : IResult
{
    private const int FlushBytes = 64 * 1024; // large enough to be few writes, small enough to show progress

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/x-ndjson";
        response.Headers.CacheControl = "no-store";
        long unflushed = 0;
        await foreach (var view in events.WithCancellation(httpContext.RequestAborted))
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(view, AnswerJson.Default.EventView);
            response.BodyWriter.Write([.. line, (byte)'\n']);
            unflushed += line.Length;
            if (unflushed < FlushBytes) continue;
            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
            unflushed = 0;
        }

        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}
