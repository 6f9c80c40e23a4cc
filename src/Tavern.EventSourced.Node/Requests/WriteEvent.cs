using System.Text.Json;
using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An agent writes one event. In payloads of the catalogue's types agents and events may be named as people name them
/// (<c>gandalf</c>, <c>gandalf:12</c>): the node puts the ids in. <see cref="Act"/> makes the usual ones.</summary>
/// <param name="Agent">Who writes; must be hosted on the node.</param>
/// <param name="Type">Type name; any name, the catalogue's are checked and folded.</param>
/// <param name="Payload">A JSON object.</param>
public sealed record WriteEvent(string Agent, string Type, JsonElement Payload) : IRequest<WrittenAnswer>, IWrite
{
    /// <summary>From 1.</summary>
    public int TypeVersion { get; init; } = 1;

    /// <summary>Events that are the reason for this one.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>Repeating a request with the same key returns the same event. 1 to 255 characters; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Write only if the agent's chain still ends with this event, e.g. <c>gandalf:41</c>; null for always.</summary>
    public string? IfHead { get; init; }
}

/// <summary>What was written, durably.</summary>
/// <param name="Event">The new event; with a repeated idempotency key, the old one.</param>
/// <param name="Type">Its type.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Clock">Everything its writer had when writing it, itself included, as a cursor.</param>
public sealed record WrittenAnswer(EventRef Event, string Type, string Hash, string Clock) : Answer;
