using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>The event types Tavern knows: name, current version, and how to read older versions. Types it does not know are
/// kept, forwarded and shown verbatim.</summary>
public static class EventCatalogue
{
    private static readonly FrozenDictionary<string, Entry> ByName = new[]
    {
        Entry.Of<TavernFounded>(), Entry.Of<AgentSpawned>(), Entry.Of<AgentRekeyed>(), Entry.Of<EndpointAnnounced>(),
        Entry.Of<AgentRetired>(), Entry.Of<EpochStarted>(), Entry.Of<ForkDetected>(),
        Entry.Of<TaskCreated>(), Entry.Of<TaskAssigned>(), Entry.Of<TaskStarted>(), Entry.Of<TaskProgressed>(),
        Entry.Of<TaskCompleted>(), Entry.Of<TaskFailed>(), Entry.Of<TaskCancelled>(),
        Entry.Of<CommitmentMade>(), Entry.Of<CommitmentClaimed>(), Entry.Of<CommitmentWithdrawn>(),
        Entry.Of<VerificationRecorded>(), Entry.Of<CommitmentDisputed>(), Entry.Of<RulingMade>(),
        Entry.Of<QuestionRaised>(), Entry.Of<QuestionAnswered>(), Entry.Of<QuestionWithdrawn>(),
        Entry.Of<DiscoveryShared>(), Entry.Of<MessageSent>(), Entry.Of<StatusReported>(),
    }.ToFrozenDictionary(entry => entry.Name);

    /// <summary>All type names, sorted.</summary>
    public static IReadOnlyList<string> TypeNames { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Makes a draft of a catalogue event.</summary>
    public static EventDraft Draft(TavernEvent body)
    {
        var entry = ByName[body.GetType().Name];
        return new EventDraft(entry.Name, entry.Version, JsonSerializer.SerializeToUtf8Bytes(body, entry.Json));
    }

    /// <summary>Reads a record's payload. False for a type the catalogue does not know, a version newer than it knows, or a payload
    /// of another shape: such events are delivered and shown, never folded.</summary>
    public static bool TryRead(EventRecord record, [NotNullWhen(true)] out TavernEvent? body)
    {
        body = null;
        if (!ByName.TryGetValue(record.Header.Type, out var entry) || record.Header.TypeVersion > entry.Version) return false;
        try
        {
            body = record.Header.TypeVersion == entry.Version
                ? (TavernEvent?)JsonSerializer.Deserialize(record.Payload.Span, entry.Json)
                : (TavernEvent?)JsonSerializer.Deserialize(Upcast(entry, record), entry.Json);
        }
        catch (JsonException)
        {
            // The writer's payload is of another shape: the same for every reader.
        }

        return body is not null;
    }

    private static JsonNode? Upcast(Entry entry, EventRecord record)
    {
        var node = JsonNode.Parse(record.Payload.Span);
        for (var version = record.Header.TypeVersion; version < entry.Version; version++)
            node = entry.Upcasters[version - 1](node);
        return node;
    }

    /// <summary>One type. <paramref name="Upcasters"/>[i] turns version i + 1 into version i + 2; the current version is one more
    /// than there are upcasters.</summary>
    private sealed record Entry(string Name, JsonTypeInfo Json, Func<JsonNode?, JsonNode?>[] Upcasters)
    {
        public int Version => Upcasters.Length + 1;

        public static Entry Of<T>(params Func<JsonNode?, JsonNode?>[] upcasters) where T : TavernEvent =>
            new(typeof(T).Name, CatalogueJson.Default.GetTypeInfo(typeof(T))!, upcasters);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(AgentIdJson), typeof(EventIdJson), typeof(HashJson), typeof(ActivityJson), typeof(OutcomeJson)])]
[JsonSerializable(typeof(TavernFounded))]
[JsonSerializable(typeof(AgentSpawned))]
[JsonSerializable(typeof(AgentRekeyed))]
[JsonSerializable(typeof(EndpointAnnounced))]
[JsonSerializable(typeof(AgentRetired))]
[JsonSerializable(typeof(EpochStarted))]
[JsonSerializable(typeof(ForkDetected))]
[JsonSerializable(typeof(TaskCreated))]
[JsonSerializable(typeof(TaskAssigned))]
[JsonSerializable(typeof(TaskStarted))]
[JsonSerializable(typeof(TaskProgressed))]
[JsonSerializable(typeof(TaskCompleted))]
[JsonSerializable(typeof(TaskFailed))]
[JsonSerializable(typeof(TaskCancelled))]
[JsonSerializable(typeof(CommitmentMade))]
[JsonSerializable(typeof(CommitmentClaimed))]
[JsonSerializable(typeof(CommitmentWithdrawn))]
[JsonSerializable(typeof(VerificationRecorded))]
[JsonSerializable(typeof(CommitmentDisputed))]
[JsonSerializable(typeof(RulingMade))]
[JsonSerializable(typeof(QuestionRaised))]
[JsonSerializable(typeof(QuestionAnswered))]
[JsonSerializable(typeof(QuestionWithdrawn))]
[JsonSerializable(typeof(DiscoveryShared))]
[JsonSerializable(typeof(MessageSent))]
[JsonSerializable(typeof(StatusReported))]
internal sealed partial class CatalogueJson : JsonSerializerContext;

internal sealed class AgentIdJson : TextJson<AgentId>
{
    protected override bool TryParse(string? text, out AgentId value) => AgentId.TryParse(text, out value);
}

internal sealed class EventIdJson : TextJson<EventId>
{
    protected override bool TryParse(string? text, out EventId value) => EventId.TryParse(text, out value);
}

internal sealed class HashJson : TextJson<Hash>
{
    protected override bool TryParse(string? text, out Hash value)
    {
        value = default;
        if (text is not { Length: Hash.Bytes * 2 } || !text.AsSpan().ContainsOnlyHex()) return false;
        value = Hash.Parse(text);
        return true;
    }
}

internal sealed class ActivityJson : TextJson<AgentActivity>
{
    protected override bool TryParse(string? text, out AgentActivity value) => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);
}

internal sealed class OutcomeJson : TextJson<VerificationOutcome>
{
    protected override bool TryParse(string? text, out VerificationOutcome value) => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);
}

/// <summary>Values that are written as a short text, in lower case.</summary>
internal abstract class TextJson<T> : JsonConverter<T> where T : struct
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString(), out var value)
            ? value
            : throw new JsonException($"Expected the text form of {typeof(T).Name}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString()!.ToLowerInvariant());

    protected abstract bool TryParse(string? text, out T value);
}
