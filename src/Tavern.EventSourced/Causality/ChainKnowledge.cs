using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>What one chain's, or branch's, writer knew, and how deep it was, at each of its sequences.</summary>
internal sealed class ChainKnowledge(long first, EventId? predecessor)
{
    private readonly ChunkedList<Step> _depths = new();

    /// <summary>The lowest sequence: above 1 on a branch that leaves another line later.</summary>
    public long First => first;

    /// <summary>What the first event follows on the line that it leaves; null at the beginning of a chain.</summary>
    public EventId? Predecessor => predecessor;

    /// <summary>The highest sequence.</summary>
    public long Head { get; private set; }

    /// <summary>Per other chain, the steps (own sequence, their sequence), both rising.</summary>
    public SortedDictionary<ChainId, ChunkedList<Step>> Known { get; } = [];

    /// <summary>The same of what its writer named itself, not what came with it.</summary>
    public SortedDictionary<ChainId, ChunkedList<Step>> Named { get; } = [];

    /// <summary>The value of the last step at or below a sequence, 0 before the first.</summary>
    public static long At(ChunkedList<Step> steps, long sequence) => StepAt(steps, sequence)?.Value ?? 0;

    /// <summary>The last step at or below a sequence, null before the first.</summary>
    public static Step? StepAt(ChunkedList<Step> steps, long sequence)
    {
        var index = IndexAt(steps, sequence);
        return index < 0 ? null : steps[index];
    }

    /// <summary>The first step whose value is at least this, null when there is none.</summary>
    public static Step? FirstAbove(ChunkedList<Step> steps, long value)
    {
        var (low, high) = (0, steps.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (steps[middle].Value >= value) high = middle;
            else low = middle + 1;
        }

        return low < steps.Count ? steps[low] : null;
    }

    /// <summary>Between two steps each event is one deeper than its predecessor.</summary>
    public long DepthAt(long sequence)
    {
        var step = _depths[IndexAt(_depths, sequence)];
        return step.Value + (sequence - step.Sequence);
    }

    public void Learn(long sequence, ChainId chain, long value) => Learn(Known, sequence, chain, value);

    /// <summary>Adds a step, unless as much was known already.</summary>
    public static void Learn(SortedDictionary<ChainId, ChunkedList<Step>> known, long sequence, ChainId chain, long value)
    {
        if (value == 0) return;
        if (!known.TryGetValue(chain, out var steps)) known.Add(chain, steps = new ChunkedList<Step>());
        if (steps.Count > 0 && steps[steps.Count - 1].Value >= value) return;
        if (steps.Count > 0 && steps[steps.Count - 1].Sequence == sequence) steps[steps.Count - 1] = Step.Of(sequence, value);
        else steps.Add(Step.Of(sequence, value));
    }

    public void Add(long sequence, long depth)
    {
        Head = sequence;
        if (_depths.Count == 0 || DepthAt(sequence) != depth) _depths.Add(Step.Of(sequence, depth));
    }

    private static int IndexAt(ChunkedList<Step> steps, long sequence)
    {
        var (low, high) = (0, steps.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (steps[middle].Sequence <= sequence) low = middle + 1;
            else high = middle - 1;
        }

        return high;
    }
}

/// <summary>From this own sequence on, this value. Sequences and depths are counts of events that are held, of which no memory holds more than 2^31.</summary>
internal readonly record struct Step(int Sequence, int Value)
{
    /// <exception cref="OverflowException">A number is above 2^31 - 1.</exception>
    public static Step Of(long sequence, long value) => new(checked((int)sequence), checked((int)value));
}
