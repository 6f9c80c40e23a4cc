using System.Text.Json;
using System.Text.Unicode;

namespace Tavern.EventSourced.Events;

internal static class JsonObjects
{
    /// <summary>Throws unless the bytes are one JSON object in UTF-8.</summary>
    /// <exception cref="MalformedRecordException">They are something else.</exception>
    public static void Require(ReadOnlySpan<byte> payload)
    {
        if (!Utf8.IsValid(payload)) throw new MalformedRecordException("The payload is not UTF-8; expected a JSON object in UTF-8."); // the JSON reader does not look into strings
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
