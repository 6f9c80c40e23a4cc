using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>What a client sends with POST /agents/{agent}/events.</summary>
internal sealed record EventBody(string Type, JsonElement Payload, int TypeVersion = 1, IReadOnlyList<string>? Causes = null);

/// <summary>What a client sends with POST /agents and POST /invitations.</summary>
internal sealed record NewcomerBody(string Parent, string Name, string? Role = null);

/// <summary>What a client may send with POST /agents/{agent}/gossip/pause and resume.</summary>
internal sealed record PeersBody(IReadOnlyList<string>? Peers = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EventBody))]
[JsonSerializable(typeof(NewcomerBody))]
[JsonSerializable(typeof(PeersBody))]
[JsonSerializable(typeof(NodeFile))]
internal sealed partial class DoorJson : JsonSerializerContext;
