using System.Text.Json.Serialization;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What a door gets back. In JSON its first field is <c>schema</c>.</summary>
public abstract record Answer
{
    /// <summary>Version of the answer's shape. Fields may be added within a version, never renamed or removed.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema { get; init; } = 1;
}
