using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>One event, shown whole.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">The same for people.</param>
/// <param name="Agent">Its writer.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Sequence">From 1.</param>
/// <param name="Type">Type name.</param>
/// <param name="TypeVersion">From 1.</param>
/// <param name="At">By its writer's clock; null when no time was recorded.</param>
/// <param name="Hash">SHA-256 of the header, 64 hexadecimal digits.</param>
/// <param name="Previous">Hash of the record before it.</param>
/// <param name="Causes">Events its author declares as reasons.</param>
/// <param name="Deps">Chain heads it depends on; empty inside a segment.</param>
/// <param name="TraceParent">W3C traceparent, or null.</param>
/// <param name="PayloadHash">SHA-256 of the payload, 64 hexadecimal digits.</param>
/// <param name="PayloadBytes">Size of the payload.</param>
/// <param name="Payload">As its writer wrote it, to the byte unless <paramref name="PayloadBase64"/> is set; null when it is not JSON, or was not wanted.</param>
/// <param name="PayloadBase64">The payload's bytes, when it is not JSON or spans several lines; else null.</param>
/// <param name="Note">What is unusual about it, in one sentence; null for nothing.</param>
public sealed record EventView(
    string Id,
    string Name,
    AgentRef Agent,
    int Epoch,
    long Sequence,
    string Type,
    int TypeVersion,
    DateTimeOffset? At,
    string Hash,
    string Previous,
    IReadOnlyList<EventRef> Causes,
    IReadOnlyList<EventRef> Deps,
    string? TraceParent,
    string PayloadHash,
    int PayloadBytes,
    [property: JsonConverter(typeof(VerbatimJson))] JsonElement? Payload,
    string? PayloadBase64,
    string? Note)
{
    /// <summary>The same without its payload, for lists in which nobody wants to read it.</summary>
    public EventView WithoutPayload() => this with { Payload = null, PayloadBase64 = null, Note = null };
}
