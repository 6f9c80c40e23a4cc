using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>Answers happens-before questions about held events in logarithmic time. For every writer and every chain it keeps
/// the steps at which the writer came to know more of that chain, so its memory is what was actually learned, not
/// events times agents. Events go in only after their causes. One owner; not safe for concurrent use.</summary>
public sealed class CausalIndex
{
    private readonly SortedDictionary<ChainId, ChainKnowledge> _chains = [];

    /// <summary>The highest held sequence per chain.</summary>
    public VectorClock Heads => VectorClock.Of(_chains.Select(pair => new ClockEntry(pair.Key, pair.Value.Head)));

    /// <summary>True when the event is held.</summary>
    public bool Contains(EventId id) => id.Sequence >= 1 && HeadOf(id.Chain) >= id.Sequence;

    /// <summary>The highest held sequence of a chain, 0 when none is held.</summary>
    public long HeadOf(ChainId chain) => _chains.TryGetValue(chain, out var known) ? known.Head : 0;

    /// <summary>Adds the next event of a chain. An event that is held already is skipped, so a retry is harmless.</summary>
    /// <param name="id">The event.</param>
    /// <param name="dependencies">The chain heads it depends on besides its own predecessor; empty inside a segment.</param>
    /// <exception cref="CausalGapException">Its predecessor or a dependency is not held.</exception>
    public void Append(EventId id, IReadOnlyList<EventId> dependencies)
    {
        var head = HeadOf(id.Chain);
        if (id.Sequence <= head) return;
        if (id.Sequence != head + 1) throw new CausalGapException(id, id.Chain[head + 1]);
        for (var i = 0; i < dependencies.Count; i++)
            if (dependencies[i].Chain != id.Chain && !Contains(dependencies[i])) throw new CausalGapException(id, dependencies[i]);

        if (!_chains.TryGetValue(id.Chain, out var own)) _chains.Add(id.Chain, own = new ChainKnowledge());
        var depth = head == 0 ? 1 : own.DepthAt(head) + 1;
        foreach (var dependency in dependencies)
        {
            if (dependency.Chain == id.Chain) continue;
            var theirs = _chains[dependency.Chain];
            depth = Math.Max(depth, theirs.DepthAt(dependency.Sequence) + 1);
            own.Learn(id.Sequence, dependency.Chain, dependency.Sequence);
            ChainKnowledge.Learn(own.Named, id.Sequence, dependency.Chain, dependency.Sequence);
            foreach (var (chain, steps) in theirs.Known)
                if (chain != id.Chain) own.Learn(id.Sequence, chain, ChainKnowledge.At(steps, dependency.Sequence));
        }

        own.Add(id.Sequence, depth);
    }

    /// <summary>Length of the longest chain of causes that ends in the event, itself included; at least 1. Every event is
    /// deeper than all its causes, so ordering by depth first gives a linear extension of happens-before.</summary>
    public long DepthOf(EventId id) => Held(id).DepthAt(id.Sequence);

    /// <summary>The highest sequence of <paramref name="chain"/> in the causal past of the event (itself included), 0 when none.</summary>
    public long KnownAt(EventId id, ChainId chain) => chain == id.Chain
        ? id.Sequence
        : Held(id).Known.TryGetValue(chain, out var steps) ? ChainKnowledge.At(steps, id.Sequence) : 0;

    /// <summary>Per other chain, the latest dependency on it that the event or one before it in its chain names, with the event that names
    /// it first. Sorted by chain.</summary>
    public IEnumerable<(EventId By, EventId On)> NamedAt(EventId id)
    {
        foreach (var (chain, steps) in Held(id).Named)
            if (ChainKnowledge.StepAt(steps, id.Sequence) is { } step) yield return (id.Chain[step.Sequence], chain[step.Value]);
    }

    /// <summary>The first event of a chain that has the event in its causal past, itself included; null when none has.</summary>
    public EventId? FirstKnowing(ChainId chain, EventId id)
    {
        if (!_chains.TryGetValue(chain, out var known)) return null;
        if (chain == id.Chain) return known.Head >= id.Sequence ? id : null;
        return known.Known.TryGetValue(id.Chain, out var steps) && ChainKnowledge.FirstAbove(steps, id.Sequence) is { } step ? chain[step.Sequence] : null;
    }

    /// <summary>The vector clock of an event: all that its writer had delivered when writing it, itself included.</summary>
    public VectorClock ClockAt(EventId id) => VectorClock.Of(Held(id).Known
        .Select(pair => new ClockEntry(pair.Key, ChainKnowledge.At(pair.Value, id.Sequence)))
        .Append(new ClockEntry(id.Chain, id.Sequence)));

    /// <summary>How two held events stand to each other.</summary>
    public CausalOrder Compare(EventId a, EventId b) =>
        a == b ? CausalOrder.Equal
        : HappensBefore(a, b) ? CausalOrder.Before
        : HappensBefore(b, a) ? CausalOrder.After
        : CausalOrder.Concurrent;

    /// <summary>True when <paramref name="a"/> is in the causal past of <paramref name="b"/> and is another event.</summary>
    public bool HappensBefore(EventId a, EventId b) => a != b && KnownAt(b, a.Chain) >= a.Sequence;

    /// <summary>The smallest causally closed clock that covers <paramref name="cut"/>. Equal to it when it is closed already.</summary>
    /// <exception cref="CausalGapException">The cut names events that are not held.</exception>
    public VectorClock Close(VectorClock cut)
    {
        var closed = cut;
        foreach (var (chain, sequence) in cut.Entries)
        {
            if (!Contains(chain[sequence])) throw new CausalGapException(chain[sequence], chain[HeadOf(chain) + 1]);
            closed = closed.Merge(ClockAt(chain[sequence]));
        }

        return closed;
    }

    private ChainKnowledge Held(EventId id) =>
        Contains(id) ? _chains[id.Chain] : throw new CausalGapException(id, id.Chain[HeadOf(id.Chain) + 1]);

    /// <summary>What one chain's writer knew, and how deep it was, at each of its sequences.</summary>
    private sealed class ChainKnowledge
    {
        private readonly List<Step> _depths = [];

        /// <summary>The highest sequence.</summary>
        public long Head { get; private set; }

        /// <summary>Per other chain, the steps (own sequence, their sequence), both rising.</summary>
        public SortedDictionary<ChainId, List<Step>> Known { get; } = [];

        /// <summary>The same of what its writer named itself, not what came with it.</summary>
        public SortedDictionary<ChainId, List<Step>> Named { get; } = [];

        /// <summary>The value of the last step at or below a sequence, 0 before the first.</summary>
        public static long At(List<Step> steps, long sequence) => StepAt(steps, sequence)?.Value ?? 0;

        /// <summary>The last step at or below a sequence, null before the first.</summary>
        public static Step? StepAt(List<Step> steps, long sequence)
        {
            var index = IndexAt(steps, sequence);
            return index < 0 ? null : steps[index];
        }

        /// <summary>The first step whose value is at least this, null when there is none.</summary>
        public static Step? FirstAbove(List<Step> steps, long value)
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
        public static void Learn(SortedDictionary<ChainId, List<Step>> known, long sequence, ChainId chain, long value)
        {
            if (value == 0) return;
            if (!known.TryGetValue(chain, out var steps)) known.Add(chain, steps = []);
            if (steps.Count > 0 && steps[^1].Value >= value) return;
            if (steps.Count > 0 && steps[^1].Sequence == sequence) steps[^1] = new Step(sequence, value);
            else steps.Add(new Step(sequence, value));
        }

        public void Add(long sequence, long depth)
        {
            Head = sequence;
            if (_depths.Count == 0 || DepthAt(sequence) != depth) _depths.Add(new Step(sequence, depth));
        }

        private static int IndexAt(List<Step> steps, long sequence)
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

    private readonly record struct Step(long Sequence, long Value);
}
