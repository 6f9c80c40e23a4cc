using System.Text.Json;

namespace Tavern.EventSourced.Stores;

/// <summary>The version of a JSON file's shape: its top-level number <c>schema</c>. It is read before anything else, so that a file of a newer
/// version is refused as that, whatever its other fields look like.</summary>
internal static class FileSchema
{
    /// <summary>The version that is written and read: of tavern.json, of invitations and of leases.</summary>
    public const int Current = 1;

    /// <summary>What to say of a file that is in another version; null for one in this version, or without any.</summary>
    /// <param name="json">The file.</param>
    /// <param name="what">Names it at the start of the sentence.</param>
    /// <exception cref="JsonException">The bytes up to the version are not JSON.</exception>
    public static string? Refusal(ReadOnlySpan<byte> json, string what)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader is not { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName } || !reader.ValueTextEquals("schema"u8)) continue;
            reader.Read();
            return reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var schema) && schema != Current
                ? $"{what} has schema {schema}; this version reads {Current}. {(schema > Current ? "Use a newer version of Tavern." : "No version ever wrote that: restore the file from a backup.")}"
                : null;
        }

        return null;
    }
}
