using System.Collections.Immutable;
using System.Text.Json;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>An event that a handler is given, and what the handler wants written because of it. What it emits is committed together
/// with the subscription's step past this event: in the log each cause has its effects once. Effects outside the log (a mail, a
/// payment) may happen again after a crash; hand <see cref="Id"/> to them as their idempotency key. One user at a time.</summary>
public sealed class Cause
{
    private readonly ImmutableArray<EventDraft>.Builder _emitted = ImmutableArray.CreateBuilder<EventDraft>();
    private bool _closed;

    internal Cause(EventRecord record, long position, int attempt)
    {
        (Record, Position, Attempt) = (record, position, attempt);
        Body = EventCatalogue.TryRead(record, out var body) ? body : null;
    }

    /// <summary>The event as it was written.</summary>
    public EventRecord Record { get; }

    /// <summary>Its id: the same after every crash and on every node, so it is the key to hand to effects outside the log.</summary>
    public EventId Id => Record.Id;

    /// <summary>Type name.</summary>
    public string Type => Record.Header.Type;

    /// <summary>Its payload, when its type is of the catalogue; null for other types.</summary>
    public TavernEvent? Body { get; }

    /// <summary>Its place in the agent's log, from 1.</summary>
    public long Position { get; }

    /// <summary>From 1; higher when the handler threw before. After a restart it counts from 1 again.</summary>
    public int Attempt { get; }

    internal ImmutableArray<EventDraft> Emitted => _emitted.ToImmutable();

    /// <summary>The payload of a type of one's own.</summary>
    /// <param name="options">How to read it; null for camelCase names.</param>
    /// <exception cref="JsonException">It is not of that shape.</exception>
    public T Read<T>(JsonSerializerOptions? options = null) =>
        JsonSerializer.Deserialize<T>(Record.Payload.Span, options ?? JsonSerializerOptions.Web)
        ?? throw new JsonException($"The payload of {Id} is null; expected a {typeof(T).Name}.");

    /// <summary>Writes an event of the catalogue when the handler has returned, with this one as its declared cause.</summary>
    /// <exception cref="MalformedRecordException">It is over a limit.</exception>
    /// <exception cref="InvalidOperationException">The handler has returned already.</exception>
    public void Emit(TavernEvent body) => Emit(EventCatalogue.Draft(body));

    /// <summary>Writes an event of a type of one's own when the handler has returned, with this one as its declared cause.</summary>
    /// <param name="type">Type name, any that the catalogue does not use.</param>
    /// <param name="payload">Anything that System.Text.Json writes as an object.</param>
    /// <param name="options">How to write it; null for camelCase names.</param>
    /// <exception cref="MalformedRecordException">It is over a limit, or not an object.</exception>
    /// <exception cref="InvalidOperationException">The handler has returned already.</exception>
    public void Emit<T>(string type, T payload, JsonSerializerOptions? options = null) =>
        Emit(new EventDraft(type, 1, JsonSerializer.SerializeToUtf8Bytes(payload, options ?? JsonSerializerOptions.Web)));

    /// <summary>Writes an event when the handler has returned, with this one as its first declared cause.</summary>
    /// <exception cref="MalformedRecordException">It is over a limit.</exception>
    /// <exception cref="InvalidOperationException">The handler has returned already.</exception>
    public void Emit(EventDraft draft)
    {
        if (_closed) throw new InvalidOperationException($"The handler of {Id} has returned; what it emits later would belong to no step. Emit before returning.");
        var caused = draft with { Causes = [Id, .. draft.Causes.Where(cause => cause != Id)] };
        caused.Validate();
        _emitted.Add(caused);
    }

    internal void Close() => _closed = true;
}
