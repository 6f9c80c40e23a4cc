using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>The event that the built-in fold has at hand.</summary>
internal readonly struct FoldStep(EventRecord record, CausalPast past)
{
    public EventRecord Record => record;

    public CausalPast Past => past;

    public EventId Id => record.Id;

    public AgentId Writer => record.Id.Agent;

    public TaskStart Place => new(past.Depth, record.Id);

    /// <summary>What this event claims.</summary>
    public Candidate<T> Claim<T>(T value, string rule) => new(value, record.Id, past.Depth, record.Hash, rule);

    /// <summary>A field that only this event has spoken of.</summary>
    public Field<T> First<T>(T value, string rule) => Field<T>.Of(Claim(value, rule));

    /// <summary>A field after this event's claim.</summary>
    public Field<T> Write<T>(Field<T>? field, T value, string rule, IComparer<T>? order = null) =>
        field is null ? First(value, rule) : field.With(Claim(value, rule), past, order);

    /// <summary>Looks up what this event names by agent, epoch and sequence: false when the view has no such thing, or it is not in this event's past.</summary>
    public bool Finds<T>(ImmutableSortedDictionary<EventId, T> among, EventId named, [MaybeNullWhen(false)] out T found)
    {
        found = default;
        return past.Meant(named) is { } meant && among.TryGetValue(meant, out found);
    }

    /// <summary>The event that this one names, as it is called here; as it was named when it is not in this event's past.</summary>
    public EventId? Named(EventId? named) => named is { } some ? past.Meant(some) ?? some.Main : null;

    /// <summary>The view without this event in it, but with the reason.</summary>
    public TavernView Ignore(TavernView view, string rule) => view.Ignore(new IgnoredEvent(record.Id, record.Header.Type, rule));
}
