using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, json, cancellationToken)
                ?? throw RefusedException.Invalid("The body is null; expected a JSON object.");
        }
        catch (JsonException e)
        {
            throw RefusedException.Invalid($"The body cannot be read: {e.Message}");
        }
    }
}
