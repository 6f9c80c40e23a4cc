using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Chooses what goes into a frame: whole segments of the wanted ranges, each after all that it depends on, so that a receiver
/// that lacks nothing else delivers them one by one (Bayou's prefix property). Among those whose causes are in the frame or were not asked
/// for, the chain that got the fewest bytes of the frame is next, then the one asked for first: deficit round robin (Shreedhar and
/// Varghese 1995), so neither a chatty chain nor a shallow one starves the others.</summary>
internal sealed class FramePlanner
{
    private const int FramingBytes = 96; // of a segment besides its records: signature, hop, lengths and tags

    private readonly SegmentIndex _index;
    private readonly DeliveredClock _delivered;
    private readonly Dictionary<ChainId, Line> _lines = [];
    private readonly PriorityQueue<Line, (int Bytes, int Place)> _ready = new();

    private FramePlanner(IReadOnlyList<Want> wants, SegmentIndex index, DeliveredClock delivered)
    {
        (_index, _delivered) = (index, delivered);
        foreach (var want in wants)
        {
            var last = Math.Min(want.Last, delivered[want.Chain]);
            if (want.First <= last && index.TryGetSegment(want.Chain[want.First], out var next))
                _lines.TryAdd(want.Chain, new Line(want.Chain, _lines.Count, last) { Next = next });
        }

        foreach (var line in _lines.Values) Queue(line);
    }

    /// <summary>Segments for the wants within the budget, at least one when any is held; and what is left of the wants, those served
    /// least first.</summary>
    /// <param name="wants">Most urgent first; of several for one chain the first counts.</param>
    /// <param name="index">What the node holds.</param>
    /// <param name="delivered">What of it the sender has delivered.</param>
    /// <param name="budgetBytes">Bytes of records and their framing.</param>
    public static (ImmutableArray<PlannedSegment> Segments, ImmutableArray<Want> Left) Plan(
        IReadOnlyList<Want> wants, SegmentIndex index, DeliveredClock delivered, int budgetBytes) =>
        new FramePlanner(wants, index, delivered).Fill(budgetBytes);

    private (ImmutableArray<PlannedSegment> Segments, ImmutableArray<Want> Left) Fill(int budgetBytes)
    {
        var segments = ImmutableArray.CreateBuilder<PlannedSegment>();
        var bytes = 0;
        while (_ready.TryPeek(out var line, out _))
        {
            var entry = line.Next!;
            if (segments.Count > 0 && bytes + entry.Bytes + FramingBytes > budgetBytes) break;
            _ready.Dequeue();
            segments.Add(new PlannedSegment(entry, _delivered.HopOf(entry.Chain[entry.Last])));
            bytes += entry.Bytes + FramingBytes;
            Advance(line, entry);
        }

        return (segments.DrainToImmutable(), [.. _lines.Values
            .Where(line => line.Next is not null)
            .OrderBy(line => line.Bytes).ThenBy(line => line.Place)
            .Select(line => new Want(line.Chain, line.Next!.First, line.Last))]);
    }

    private void Advance(Line line, SegmentEntry sent)
    {
        line.Bytes += sent.Bytes;
        line.Next = sent.Last < line.Last && _index.TryGetSegment(line.Chain[sent.Last + 1], out var next) ? next : null;
        if (line.Next is not null) Queue(line);
        List<Line> waiting = [.. line.Waiting];
        line.Waiting.Clear();
        foreach (var other in waiting) Queue(other);
    }

    /// <summary>Queues a chain's next segment, or lets it wait for a chain that has to go further first. The shallowest of all that is left
    /// waits for none, so something is always ready.</summary>
    private void Queue(Line line)
    {
        foreach (var dependency in line.Next!.Dependencies)
        {
            if (dependency.Chain == line.Chain || !_lines.TryGetValue(dependency.Chain, out var other)) continue;
            if (other.Next is not { } theirs || theirs.First > dependency.Sequence || other.Last < dependency.Sequence) continue;
            other.Waiting.Add(line);
            return;
        }

        _ready.Enqueue(line, (line.Bytes, line.Place));
    }

    /// <summary>One wanted chain: how far it got.</summary>
    private sealed class Line(ChainId chain, int place, long last)
    {
        public ChainId Chain { get; } = chain;

        public int Place { get; } = place;

        public long Last { get; } = last;

        /// <summary>The next segment to send; null when all was sent.</summary>
        public SegmentEntry? Next { get; set; }

        public int Bytes { get; set; }

        /// <summary>Chains whose next segment depends on one of this chain that is still to be sent.</summary>
        public List<Line> Waiting { get; } = [];
    }
}
