using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>What a client sends.</summary>
internal static class JsonBody
{
    /// <summary>Reads it.</summary>
    /// <exception cref="RefusedException">It is not JSON of that shape.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        // Only this media type makes browsers ask before they send it to a foreign origin.
        if (!context.Request.HasJsonContentType())
            throw RefusedException.Invalid($"The body's media type is '{context.Request.ContentType}'; expected application/json.");
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken); // no more than the server's limit
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        if (!Utf8.IsValid(bytes)) throw RefusedException.Invalid("The body is not UTF-8; expected a JSON object in UTF-8.");
        try
        {
            return JsonSerializer.Deserialize(bytes, json)
                ?? throw RefusedException.Invalid("The body is null; expected a JSON object.");
        }
        catch (JsonException e)
        {
            throw RefusedException.Invalid($"The body cannot be read: {e.Message}");
        }
    }
}
