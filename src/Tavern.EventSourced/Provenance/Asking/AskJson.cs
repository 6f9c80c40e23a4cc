using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    IgnoreReadOnlyProperties = true,
    Converters =
    [
        typeof(AgentIdJson), typeof(EventIdJson), typeof(HashJson), typeof(ChainIdJson), typeof(VectorClockJson), typeof(ExchangeJson),
        typeof(NameJson<DeliveryMode>), typeof(NameJson<ReceiptOutcome>), typeof(NameJson<LinkCondition>),
    ])]
[JsonSerializable(typeof(AskQuestion))]
[JsonSerializable(typeof(AskAnswer))]
[JsonSerializable(typeof(AskQuestion.Clock), TypeInfoPropertyName = "AskQuestionClock")]
[JsonSerializable(typeof(AskQuestion.Belief), TypeInfoPropertyName = "AskQuestionBelief")]
[JsonSerializable(typeof(AskQuestion.Head), TypeInfoPropertyName = "AskQuestionHead")]
[JsonSerializable(typeof(AskQuestion.Heads), TypeInfoPropertyName = "AskQuestionHeads")]
[JsonSerializable(typeof(AskAnswer.Heads), TypeInfoPropertyName = "AskAnswerHeads")]
internal sealed partial class AskJson : JsonSerializerContext;

internal sealed class ChainIdJson : TextJson<ChainId>
{
    protected override bool TryParse(string? text, out ChainId value)
    {
        value = default;
        if (!EventId.TryParse(text + ":1", out var first)) return false;
        value = first.Chain;
        return true;
    }
}

/// <summary>A set of words, as <c>lower-case-with-hyphens</c>; numbers are refused.</summary>
internal sealed class NameJson<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) where T : struct, Enum;

/// <summary>An exchange's id as 16 hexadecimal digits: readers of JSON often keep numbers to 53 bits only.</summary>
internal sealed class ExchangeJson : JsonConverter<ulong>
{
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: 16 } text && text.AsSpan().ContainsOnlyHex()
            ? ulong.Parse(text, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture)
            : throw new JsonException("Expected an exchange's id of 16 hexadecimal digits.");

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>A clock as an object: chain to sequence, sorted by chain.</summary>
internal sealed class VectorClockJson : JsonConverter<VectorClock>
{
    public override VectorClock Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Expected a clock: an object of sequences by chain.");
        var entries = new Dictionary<ChainId, long>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            if (!EventId.TryParse(name + ":1", out var first)) throw new JsonException($"'{name}' is not a chain in a clock.");
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var sequence) || sequence < 1)
                throw new JsonException($"The clock's entry for '{name}' is not a sequence; expected 1 or more.");
            if (!entries.TryAdd(first.Chain, sequence)) throw new JsonException($"The clock names '{name}' twice.");
        }

        return VectorClock.Of(entries.Select(pair => new ClockEntry(pair.Key, pair.Value)));
    }

    public override void Write(Utf8JsonWriter writer, VectorClock value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var entry in value.Entries) writer.WriteNumber(entry.Chain.ToString(), entry.Sequence);
        writer.WriteEndObject();
    }
}
