using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>One type of the catalogue and its history. <paramref name="Upcasters"/>[i] turns version i + 1 into version i + 2; the
/// current version is one more than there are upcasters. An upcaster that meets another shape than its version's throws a
/// <see cref="JsonException"/>.</summary>
internal sealed record CatalogueEntry(string Name, JsonTypeInfo Json, Func<JsonNode?, JsonNode?>[] Upcasters)
{
    /// <summary>The version that is written.</summary>
    public int Version => Upcasters.Length + 1;

    /// <summary>The entry of a type.</summary>
    public static CatalogueEntry Of<T>(params Func<JsonNode?, JsonNode?>[] upcasters) where T : TavernEvent =>
        new(typeof(T).Name, CatalogueJson.Default.GetTypeInfo(typeof(T))!, upcasters);

    /// <summary>Reads a payload of this or an older version. False for a newer version or a payload of another shape.</summary>
    public bool TryRead(EventRecord record, [NotNullWhen(true)] out TavernEvent? body)
    {
        body = null;
        if (record.Header.TypeVersion > Version) return false;
        try
        {
            body = record.Header.TypeVersion == Version
                ? (TavernEvent?)JsonSerializer.Deserialize(record.Payload.Span, Json)
                : (TavernEvent?)JsonSerializer.Deserialize(Upcast(record), Json);
        }
        catch (JsonException)
        {
            // The writer's payload is of another shape: the same for every reader.
        }

        return body is not null;
    }

    private JsonNode? Upcast(EventRecord record)
    {
        var node = JsonNode.Parse(record.Payload.Span);
        for (var version = record.Header.TypeVersion; version < Version; version++) node = Upcasters[version - 1](node);
        return node;
    }
}
