using System.Collections.Immutable;

namespace Tavern.EventSourced.Provenance;

/// <summary>A place in history as somebody typed it: syntax only, names are not looked up. See <see cref="PointSyntax"/>.</summary>
public abstract record HistoryPoint
{
    private HistoryPoint()
    {
    }

    /// <summary>An event, or with no sequence the head of a chain: <c>gandalf:42</c>, <c>gandalf@2:42~3</c>, <c>gandalf</c>.</summary>
    /// <param name="Agent">A name, a name with the start of an id (<c>gandalf~3f2a</c>), or an id of 32 hexadecimal digits.</param>
    /// <param name="Epoch">From 1; null when none was given: epoch 1 with a sequence, the latest without.</param>
    /// <param name="Sequence">From 1; null for the head.</param>
    /// <param name="Steps">Steps from there, in order; none without a sequence.</param>
    /// <param name="Branch">The line of a forked chain, by the asked node's number, from 1; null for none: then the line that it held first.</param>
    /// <param name="HashStart">The first 4 to 16 hexadecimal digits of the record's hash; null when none were given.</param>
    public sealed record Event(
        string Agent, int? Epoch, long? Sequence, ImmutableArray<PointStep> Steps, int? Branch = null, string? HashStart = null) : HistoryPoint
    {
        /// <summary>True when all parts, steps included, are equal.</summary>
        public bool Equals(Event? other) => other is not null && Agent == other.Agent && Epoch == other.Epoch &&
            Sequence == other.Sequence && Branch == other.Branch && HashStart == other.HashStart && Steps.AsSpan().SequenceEqual(other.Steps.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Agent, Epoch, Sequence, Steps.Length, Branch, HashStart);
    }

    /// <summary>A cut named by several events: <c>jake:80,gandalf:41</c>.</summary>
    /// <param name="Events">At least two.</param>
    public sealed record Cut(ImmutableArray<Event> Events) : HistoryPoint
    {
        /// <summary>True when all events are equal.</summary>
        public bool Equals(Cut? other) => other is not null && Events.AsSpan().SequenceEqual(other.Events.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Events.Length, Events[0]);
    }

    /// <summary>One agent as another sees it: <c>jake/gandalf</c>, <c>jake:80/gandalf</c>.</summary>
    /// <param name="Observer">Whose view; without a sequence, now.</param>
    /// <param name="Subject">Of whom; a name or id as in <see cref="Event"/>.</param>
    public sealed record Seen(Event Observer, string Subject) : HistoryPoint;

    /// <summary>A time before now: <c>-5m</c>.</summary>
    /// <param name="Age">Above 0.</param>
    public sealed record Ago(TimeSpan Age) : HistoryPoint;

    /// <summary>A wall-clock time: <c>2026-11-22T09:14Z</c>.</summary>
    /// <param name="Time">The time, with its offset.</param>
    public sealed record At(DateTimeOffset Time) : HistoryPoint;

    /// <summary>The events in the second point that are not in the first: <c>A..B</c>.</summary>
    public sealed record Range(HistoryPoint From, HistoryPoint To) : HistoryPoint;

    /// <summary>What two points do not share: <c>A...B</c>.</summary>
    public sealed record Apart(HistoryPoint Left, HistoryPoint Right) : HistoryPoint;
}

/// <summary>A step from an event to another one.</summary>
/// <param name="Kind">Where to.</param>
/// <param name="Count">How many events back, or which declared cause; from 1.</param>
public readonly record struct PointStep(PointStepKind Kind, int Count);

/// <summary>The kinds of steps.</summary>
public enum PointStepKind
{
    /// <summary><c>~3</c>: so many events earlier in the same chain.</summary>
    Earlier,

    /// <summary><c>^</c> or <c>^2</c>: the first, or so-manieth, event that the writer declared as a cause.</summary>
    Cause,
}
