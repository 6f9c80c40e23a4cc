using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>An HTTP request to the API, before it has an address and a token.</summary>
/// <param name="Method">GET, POST or PUT.</param>
/// <param name="Path">Below <c>/api/v1/</c>, with its query.</param>
/// <param name="Body">JSON, or null.</param>
/// <param name="Writer">Who acts; null for reading.</param>
internal sealed record HttpCall(HttpMethod Method, string Path, byte[]? Body, string? Writer)
{
    private const int LargeBytes = 64 * 1024; // below it a refusal finds all of the body sent already

    /// <summary>Headers besides the usual ones.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>A GET; values that are null are left out.</summary>
    public static HttpCall Get(string path, params ReadOnlySpan<(string Name, object? Value)> query)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in query)
        {
            foreach (var one in value is IReadOnlyList<string> many ? many.Cast<object>() : value is null ? [] : [value])
            {
                text.Append(separator).Append(name).Append('=').Append(Escape(TextOf(one)));
                separator = '&';
            }
        }

        return new HttpCall(HttpMethod.Get, text.ToString(), null, null);
    }

    /// <summary>A POST as an agent.</summary>
    public static HttpCall Post<T>(string writer, string path, T body, JsonTypeInfo<T> json) =>
        new(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, json), writer);

    /// <summary>A PUT as an agent.</summary>
    public static HttpCall Put<T>(string writer, string path, T body, JsonTypeInfo<T> json) => Post(writer, path, body, json) with { Method = HttpMethod.Put };

    /// <summary>A part of a path or query.</summary>
    public static string Escape(string text) => Uri.EscapeDataString(text);

    /// <summary>The request, with address and token.</summary>
    public HttpRequestMessage ToMessage(Uri node, string? token)
    {
        var message = new HttpRequestMessage(Method, new Uri(node, "/api/v1/" + Path));
        if (token is not null) message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        message.Headers.ExpectContinue = Body?.Length > LargeBytes;
        foreach (var (name, value) in Headers) message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }

    private static string TextOf(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
