using System.Text.Json;

namespace Tavern.EventSourced.Events;

internal static class JsonObjects
{
    /// <summary>Throws unless the bytes are one JSON object in UTF-8.</summary>
    /// <exception cref="MalformedRecordException">They are something else.</exception>
    public static void Require(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new MalformedRecordException("The payload is JSON but not an object; expected { ... }.");
            reader.Skip();
            if (reader.Read()) throw new MalformedRecordException("The payload holds more than one JSON value.");
        }
        catch (JsonException e)
        {
            throw new MalformedRecordException($"The payload is not JSON: {e.Message}");
        }
    }
}
