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

    /// <summary>The view without this event in it, but with the reason.</summary>
    public TavernView Ignore(TavernView view, string rule) => view.Ignore(new IgnoredEvent(record.Id, record.Header.Type, rule));
}
