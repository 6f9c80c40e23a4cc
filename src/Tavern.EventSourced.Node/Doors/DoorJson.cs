using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>What a client sends with POST /agents/{agent}/events.</summary>
internal sealed record EventBody(
    string Type,
    JsonElement Payload,
    int TypeVersion = 1,
    IReadOnlyList<string>? Causes = null,
    string? Subscription = null,
    long? Handled = null,
    long? From = null);

/// <summary>What a client sends with PUT /agents/{agent}/subscriptions.</summary>
internal sealed record HandledBody(string Subscription, long Handled, long? From = null);

/// <summary>What a client sends with POST /agents/{agent}/subscriptions/skip and retry.</summary>
internal sealed record StoppedBody(string Subscription, string Event, string? Reason = null);

/// <summary>What a client sends with POST /agents and POST /invitations.</summary>
internal sealed record NewcomerBody(string Parent, string Name, string? Role = null);

internal sealed record InvitationBody(string Parent, string Name, string? Role = null, int ValidDays = InviteAgent.ValidDaysDefault);

/// <summary>What a client sends with POST /rekeys.</summary>
internal sealed record RekeyBody(string Ancestor, string Agent);

/// <summary>What a client may send with POST /agents/{agent}/gossip/pause and resume.</summary>
internal sealed record PeersBody(IReadOnlyList<string>? Peers = null);

/// <summary>What a client sends with POST /imports; contents are in base64.</summary>
internal sealed record HistoriesBody(
    string Agent, string Format, IReadOnlyList<HistoryFile> Files, string? Pattern = null, bool AllowUnmatched = false, bool Again = false, bool Prefixed = false);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EventBody))]
[JsonSerializable(typeof(HandledBody))]
[JsonSerializable(typeof(StoppedBody))]
[JsonSerializable(typeof(NewcomerBody))]
[JsonSerializable(typeof(InvitationBody))]
[JsonSerializable(typeof(RekeyBody))]
[JsonSerializable(typeof(PeersBody))]
[JsonSerializable(typeof(HistoriesBody))]
[JsonSerializable(typeof(NodeFile))]
internal sealed partial class DoorJson : JsonSerializerContext;
