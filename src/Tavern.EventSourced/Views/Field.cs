using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>One claim about a field.</summary>
/// <param name="Value">What is claimed.</param>
/// <param name="Event">The event that claims it.</param>
/// <param name="Depth">Its causal depth.</param>
/// <param name="Hash">Its record hash: the last resort between equals.</param>
/// <param name="Rule">The rule under which it counts; see RULES.md.</param>
public readonly record struct Candidate<T>(T Value, EventId Event, long Depth, Hash Hash, string Rule);

/// <summary>A shown value with its evidence. Keeps the maximal candidates by happens-before; among these the field's own order
/// decides, then the deeper event, then the larger hash. Immutable.</summary>
public sealed class Field<T>
{
    private readonly Candidate<T> _winner;
    private readonly ImmutableArray<Candidate<T>> _others;

    private Field(Candidate<T> winner, ImmutableArray<Candidate<T>> others)
    {
        (_winner, _others) = (winner, others);
        foreach (var other in others)
            Contested |= !EqualityComparer<T>.Default.Equals(other.Value, winner.Value);
    }

    /// <summary>The value that counts.</summary>
    public T Value => _winner.Value;

    /// <summary>The event that decided it.</summary>
    public EventId DecidedBy => _winner.Event;

    /// <summary>The rule that let it win; see RULES.md.</summary>
    public string Rule => _winner.Rule;

    /// <summary>True when a rule had to decide between candidates with different values.</summary>
    public bool Contested { get; }

    /// <summary>All maximal candidates, the winner first, best first.</summary>
    public ImmutableArray<Candidate<T>> Candidates => [_winner, .. _others];

    /// <summary>A field with one candidate.</summary>
    internal static Field<T> Of(Candidate<T> only) => new(only, []);

    /// <summary>A field whose candidates a rule has put in order, best first; at least one.</summary>
    internal static Field<T> Of(ReadOnlySpan<Candidate<T>> ordered) => new(ordered[0], [.. ordered[1..]]);

    /// <summary>The field after one more candidate: those that happened before it are gone.</summary>
    /// <param name="newest">From the event whose past is given.</param>
    /// <param name="past">Its past. Events come in canonical order, so nothing held happened after it.</param>
    /// <param name="order">The field's own order, better is greater; none when null.</param>
    public Field<T> With(Candidate<T> newest, CausalPast past, IComparer<T>? order = null)
    {
        if (_others.IsEmpty && past.Includes(_winner.Event)) return new Field<T>(newest, []);
        var candidates = new List<Candidate<T>>(_others.Length + 2);
        if (!past.Includes(_winner.Event)) candidates.Add(_winner);
        foreach (var other in _others)
            if (!past.Includes(other.Event)) candidates.Add(other);
        candidates.Add(newest);
        candidates.Sort((a, b) => Compare(b, a, order));
        return new Field<T>(candidates[0], [.. candidates.Skip(1)]);
    }

    private static int Compare(Candidate<T> a, Candidate<T> b, IComparer<T>? order)
    {
        var result = order?.Compare(a.Value, b.Value) ?? 0;
        if (result == 0) result = a.Depth.CompareTo(b.Depth);
        return result != 0 ? result : a.Hash.CompareTo(b.Hash);
    }
}
