using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>The event types Tavern knows: name, current version, and how to read older versions. Types it does not know are
/// kept, forwarded and shown verbatim.</summary>
public static class EventCatalogue
{
    private static readonly FrozenDictionary<string, CatalogueEntry> ByName = new[]
    {
        CatalogueEntry.Of<TavernFounded>(), CatalogueEntry.Of<AgentSpawned>(), CatalogueEntry.Of<AgentRekeyed>(),
        CatalogueEntry.Of<EndpointAnnounced>(), CatalogueEntry.Of<AgentRetired>(), CatalogueEntry.Of<EpochStarted>(), CatalogueEntry.Of<EpochEndorsed>(),
        CatalogueEntry.Of<ForkDetected>(),
        CatalogueEntry.Of<TaskCreated>(), CatalogueEntry.Of<TaskAssigned>(), CatalogueEntry.Of<TaskStarted>(), CatalogueEntry.Of<TaskProgressed>(),
        CatalogueEntry.Of<TaskCompleted>(), CatalogueEntry.Of<TaskFailed>(), CatalogueEntry.Of<TaskCancelled>(),
        CatalogueEntry.Of<CommitmentMade>(), CatalogueEntry.Of<CommitmentClaimed>(), CatalogueEntry.Of<CommitmentWithdrawn>(),
        CatalogueEntry.Of<VerificationRecorded>(), CatalogueEntry.Of<CommitmentDisputed>(), CatalogueEntry.Of<RulingMade>(),
        CatalogueEntry.Of<QuestionRaised>(), CatalogueEntry.Of<QuestionAnswered>(), CatalogueEntry.Of<QuestionWithdrawn>(),
        CatalogueEntry.Of<DiscoveryShared>(), CatalogueEntry.Of<MessageSent>(), CatalogueEntry.Of<StatusReported>(),
        CatalogueEntry.Of<HistoryImported>(), CatalogueEntry.Of<LineLogged>(),
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
        return ByName.TryGetValue(record.Header.Type, out var entry) && entry.TryRead(record, out body);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(AgentIdJson), typeof(NamedEventJson), typeof(HashJson), typeof(ActivityJson), typeof(OutcomeJson)])]
[JsonSerializable(typeof(TavernFounded))]
[JsonSerializable(typeof(AgentSpawned))]
[JsonSerializable(typeof(AgentRekeyed))]
[JsonSerializable(typeof(EndpointAnnounced))]
[JsonSerializable(typeof(AgentRetired))]
[JsonSerializable(typeof(EpochStarted))]
[JsonSerializable(typeof(EpochEndorsed))]
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
[JsonSerializable(typeof(HistoryImported))]
[JsonSerializable(typeof(LineLogged))]
internal sealed partial class CatalogueJson : JsonSerializerContext;

internal sealed class AgentIdJson : TextJson<AgentId>
{
    protected override bool TryParse(string? text, out AgentId value) => AgentId.TryParse(text, out value);
}

internal sealed class EventIdJson : TextJson<EventId>
{
    protected override bool TryParse(string? text, out EventId value) => EventId.TryParse(text, out value);
}

/// <summary>An event as payloads name it: by agent, epoch and sequence. Which line of a forked chain is meant follows from the causal past of the event
/// that names it; branch numbers are local to a node, so they are neither written nor read.</summary>
internal sealed class NamedEventJson : TextJson<EventId>
{
    public override void Write(Utf8JsonWriter writer, EventId value, JsonSerializerOptions options) => base.Write(writer, value.Main, options);

    protected override bool TryParse(string? text, out EventId value) => EventId.TryParse(text, out value) && value.Branch == 0;
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

internal sealed class ActivityJson : WordJson<AgentActivity>;

internal sealed class OutcomeJson : WordJson<VerificationOutcome>;

/// <summary>The names of an enum, and nothing else: neither its numbers nor several names at once, which Enum.TryParse would take.</summary>
internal abstract class WordJson<T> : TextJson<T> where T : struct, Enum
{
    private static readonly FrozenDictionary<string, T> ByWord =
        Enum.GetValues<T>().ToFrozenDictionary(value => value.ToString(), StringComparer.OrdinalIgnoreCase);

    protected override bool TryParse(string? text, out T value)
    {
        value = default;
        return text is not null && ByWord.TryGetValue(text, out value);
    }
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
