using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>A time that was added to an event's type after its first release, <c>2026-11-30T09:14:00Z</c>. Whatever else stands there counts as none: builds that
/// do not know it read the event all the same, and all must agree about that.</summary>
internal sealed class LaterTimeJson : JsonConverter<DateTimeOffset?>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        return reader.ValueSpan.Length == Format.Length - 4 && !reader.ValueIsEscaped
            && DateTimeOffset.TryParseExact(Encoding.Latin1.GetString(reader.ValueSpan), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value!.Value.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture));
}
