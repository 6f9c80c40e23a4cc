using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>An event that its author wants written and that has no place in a chain yet.</summary>
/// <param name="Type">Type name; any name is allowed, the catalogue's are folded.</param>
/// <param name="TypeVersion">From 1.</param>
/// <param name="Payload">UTF-8 JSON, at most 1 MiB; kept verbatim.</param>
public sealed record EventDraft(string Type, int TypeVersion, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Events the author declares as its reasons; none by default, at most 256.</summary>
    public ImmutableArray<EventId> Causes { get; init; } = [];

    /// <summary>W3C traceparent; none by default.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Checks everything that can be checked before the event has a place.</summary>
    /// <exception cref="MalformedRecordException">A limit is exceeded or the payload is not a JSON object.</exception>
    public void Validate()
    {
        if (Type.Length is 0 or > EventLimits.TypeCharsMax)
            throw new MalformedRecordException($"The type name has {Type.Length} characters; expected 1 to {EventLimits.TypeCharsMax}.");
        if (Causes.Length > EventLimits.CausesMax)
            throw new MalformedRecordException($"The event declares {Causes.Length} causes; the limit is {EventLimits.CausesMax}.");
        if (TraceParent is { Length: > EventLimits.TraceParentCharsMax })
            throw new MalformedRecordException($"The traceparent has {TraceParent.Length} characters; the limit is {EventLimits.TraceParentCharsMax}.");
        if (Payload.Length > EventLimits.PayloadBytesMax)
            throw new MalformedRecordException($"The payload has {Payload.Length} bytes; the limit is {EventLimits.PayloadBytesMax}.");
        JsonObjects.Require(Payload.Span);
    }
}
