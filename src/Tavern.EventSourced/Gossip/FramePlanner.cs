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

    private readonly DeliveredClock _delivered;
    private readonly List<Line> _lines = [];
    private readonly Dictionary<ChainId, List<Line>> _byChain = []; // by main chain
    private readonly HashSet<SegmentEntry> _sent = new(ReferenceEqualityComparer.Instance); // lines of a forked chain share what they have in common
    private readonly PriorityQueue<Line, (int Bytes, int Place)> _ready = new();

    private FramePlanner(IReadOnlyList<Want> wants, SegmentIndex index, DeliveredClock delivered, ClaimComparison comparison)
    {
        _delivered = delivered;
        foreach (var want in wants)
        {
            if (!_byChain.TryGetValue(want.Chain, out var lines)) _byChain.Add(want.Chain, lines = []);
            if (lines.Count >= Want.LinesMax || WantedLine.Of(want, index, delivered, comparison) is not { } wanted) continue;
            if (lines.Exists(line => line.Wanted.End == wanted.End)) continue;
            lines.Add(new Line(wanted, _lines.Count));
            _lines.Add(lines[^1]);
        }

        foreach (var line in _lines) Queue(line);
    }

    /// <summary>Segments for the wants within the budget, at least one when any is held; and what is left of the wants, those served
    /// least first.</summary>
    /// <param name="wants">Most urgent first; of several for one line the first counts.</param>
    /// <param name="index">What the node holds.</param>
    /// <param name="delivered">What of it the sender has delivered.</param>
    /// <param name="comparison">Finds the records that wants name.</param>
    /// <param name="budgetBytes">Bytes of records and their framing.</param>
    public static (ImmutableArray<PlannedSegment> Segments, ImmutableArray<Want> Left) Plan(
        IReadOnlyList<Want> wants, SegmentIndex index, DeliveredClock delivered, ClaimComparison comparison, int budgetBytes) =>
        new FramePlanner(wants, index, delivered, comparison).Fill(budgetBytes);

    private (ImmutableArray<PlannedSegment> Segments, ImmutableArray<Want> Left) Fill(int budgetBytes)
    {
        var segments = ImmutableArray.CreateBuilder<PlannedSegment>();
        var bytes = 0;
        while (_ready.TryPeek(out var line, out _))
        {
            var entry = line.Wanted.Next!;
            var isNew = !_sent.Contains(entry);
            if (isNew && segments.Count > 0 && bytes + entry.Bytes + FramingBytes > budgetBytes) break;
            _ready.Dequeue();
            if (isNew)
            {
                _sent.Add(entry);
                segments.Add(new PlannedSegment(entry, _delivered.HopOf(entry.Chain[entry.Last])));
                bytes += entry.Bytes + FramingBytes;
                line.Bytes += entry.Bytes;
            }

            Advance(line, entry);
        }

        return (segments.DrainToImmutable(), [.. _lines.Where(line => line.Wanted.Next is not null).OrderBy(line => line.Bytes).ThenBy(line => line.Place).Select(line => line.Wanted.Left)]);
    }

    private void Advance(Line line, SegmentEntry sent)
    {
        line.Wanted.Pass(sent);
        if (line.Wanted.Next is not null) Queue(line);
        List<Line> waiting = [.. line.Waiting];
        line.Waiting.Clear();
        foreach (var other in waiting) Queue(other);
    }

    /// <summary>Queues a line's next segment, or lets it wait for a line that has to go further first. The shallowest of all that is left
    /// waits for none, so something is always ready.</summary>
    private void Queue(Line line)
    {
        foreach (var dependency in line.Wanted.Next!.Dependencies)
        {
            if (!_byChain.TryGetValue(dependency.Chain.Main, out var others)) continue;
            if (others.Find(other => other != line && other.Wanted.HasYet(dependency)) is not { } other) continue;
            other.Waiting.Add(line);
            return;
        }

        _ready.Enqueue(line, (line.Bytes, line.Place));
    }

    /// <summary>One wanted line: how far it got.</summary>
    private sealed class Line(WantedLine wanted, int place)
    {
        public WantedLine Wanted { get; } = wanted;

        public int Place { get; } = place;

        public int Bytes { get; set; }

        /// <summary>Lines whose next segment depends on one of this line that is still to be sent.</summary>
        public List<Line> Waiting { get; } = [];
    }
}
