using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Some records of a repaired store, side by side.</summary>
public abstract record LaidOut
{
    private LaidOut()
    {
    }

    /// <summary>Position of the first in the repaired store.</summary>
    public long Position { get; init; }

    /// <summary>How many.</summary>
    public abstract long Count { get; }

    /// <summary>A segment that holds where it is.</summary>
    public sealed record Kept(CheckedChain Chain, CheckedSegment Segment) : LaidOut
    {
        /// <inheritdoc/>
        public override long Count => Segment.Last - Segment.First + 1;
    }

    /// <summary>A segment from a peer.</summary>
    public sealed record Fetched(CheckedChain Chain, Segment Segment) : LaidOut
    {
        /// <inheritdoc/>
        public override long Count => Segment.Records.Length;
    }

    /// <summary>A row that does not hold and that nobody could replace: it stays as it is.</summary>
    /// <param name="Was">Its position.</param>
    public sealed record Damaged(long Was) : LaidOut
    {
        /// <inheritdoc/>
        public override long Count => 1;
    }
}

/// <summary>Decides where each record of a repaired store stands: where it stood, if that is known; what has no place of its own stands
/// before what needs it. Causes precede effects in any case.</summary>
public sealed class EventLayout
{
    private readonly StoreCheck _check;
    private readonly Dictionary<(CheckedChain, long), LaidOut> _byEvent = [];
    private readonly Dictionary<Hash, EventId> _fetchedHashes = [];
    private readonly Dictionary<(EventId, UInt128), EventId> _fetchedPlaces = []; // by the name that travels, and the start of the hash
    private readonly HashSet<LaidOut> _visited = new(ReferenceEqualityComparer.Instance);
    private readonly List<LaidOut> _order = [];

    private EventLayout(StoreCheck check) => _check = check;

    /// <summary>All records in their order, with their positions.</summary>
    /// <param name="check">What is held.</param>
    /// <param name="fetched">What came from a peer, checked, with its chain.</param>
    public static ImmutableArray<LaidOut> Of(StoreCheck check, IReadOnlyList<(CheckedChain Chain, Segment Segment)> fetched) => new EventLayout(check).Make(fetched);

    private ImmutableArray<LaidOut> Make(IReadOnlyList<(CheckedChain Chain, Segment Segment)> fetched)
    {
        var items = new List<LaidOut>();
        var sent = fetched.SelectMany(item => Sequences(item.Segment).Select(sequence => (item.Chain, sequence))).ToHashSet();
        var cutOtherwise = new Dictionary<(CheckedChain, long), long>(); // held in segments of another cut than the ones that were sent
        foreach (var chain in _check.Chains.Values)
            foreach (var segment in chain.Segments.Where(segment => segment.Sound))
                if (!Positions(segment.First, segment.Last - segment.First + 1).Any(sequence => sent.Contains((chain, sequence))))
                    items.Add(new LaidOut.Kept(chain, segment) { Position = segment.Position });
                else
                    for (var sequence = segment.First; sequence <= segment.Last; sequence++) cutOtherwise[(chain, sequence)] = segment.Position + sequence - segment.First;
        var taken = items.SelectMany(item => Positions(item.Position, item.Count)).ToHashSet();
        var replaced = fetched.SelectMany(item => Sequences(item.Segment).Select(sequence => WasAt(item.Chain, sequence))).OfType<long>().ToHashSet();
        foreach (var (chain, segment) in fetched.OrderByDescending(item => KnownPlace(item.Chain, item.Segment) is not null))
        {
            var place = KnownPlace(chain, segment) is { } known && IsFree(known, segment) ? known : HoleFor(segment);
            if (place is { } found) taken.UnionWith(Positions(found, segment.Records.Length));
            items.Add(new LaidOut.Fetched(chain, segment) { Position = place ?? long.MaxValue });
            foreach (var record in segment.Records)
            {
                _fetchedHashes[record.Hash] = record.Id;
                _fetchedPlaces[(record.Id.Main, record.Hash.Prefix)] = record.Id;
            }
        }

        // Row by row, hole by hole: a damaged position can claim a hole that nobody can count through.
        var next = 1L;
        foreach (var (first, last) in _check.Holes.OrderBy(hole => hole.First).Append((First: _check.LastPosition + 1, Last: _check.LastPosition + 1)))
        {
            foreach (var position in Positions(next, first - next))
                if (!taken.Contains(position) && !replaced.Contains(position)) items.Add(new LaidOut.Damaged(position) { Position = position });
            next = last + 1;
        }

        return InOrder(items);

        bool IsFree(long place, Segment segment) => place >= 1 && !Positions(place, segment.Records.Length).Any(taken.Contains);

        long? WasAt(CheckedChain chain, long sequence) => cutOtherwise.TryGetValue((chain, sequence), out var position) ? position : chain.DamagedPositionOf(sequence);

        long? KnownPlace(CheckedChain chain, Segment segment)
        {
            if (chain.DamagedRowOf(segment.Last) is { } row && row.First == segment.First) return row.Position;
            foreach (var sequence in Sequences(segment))
                if (WasAt(chain, sequence) is { } position) return position - (sequence - segment.First);
            return null;
        }

        long? HoleFor(Segment segment)
        {
            foreach (var (first, last) in _check.Holes)
                for (var place = first; place + segment.Records.Length - 1 <= last; place++)
                    if (IsFree(place, segment)) return place;
            return null;
        }
    }

    private ImmutableArray<LaidOut> InOrder(List<LaidOut> items)
    {
        foreach (var item in items)
            foreach (var (chain, sequence) in EventsOf(item)) _byEvent[(chain, sequence)] = item;
        var wanted = items.OrderBy(item => item.Position).ToList();
        foreach (var item in wanted) Visit(item);
        if (HasNoHoles(wanted) && _order.SequenceEqual(wanted, ReferenceEqualityComparer.Instance)) return [.. _order];
        var next = 1L;
        var laidOut = ImmutableArray.CreateBuilder<LaidOut>(_order.Count);
        foreach (var item in _order)
        {
            laidOut.Add(item with { Position = next });
            next += item.Count;
        }

        return laidOut.DrainToImmutable();
    }

    private static bool HasNoHoles(List<LaidOut> items)
    {
        var next = 1L;
        foreach (var item in items)
        {
            if (item.Position != next) return false;
            next += item.Count;
        }

        return true;
    }

    /// <summary>Its causes first. A stack of its own: chains of causes are as long as the log.</summary>
    private void Visit(LaidOut start)
    {
        var stack = new Stack<(LaidOut Item, IEnumerator<LaidOut> Causes)>();
        if (_visited.Add(start)) stack.Push((start, CausesOf(start).GetEnumerator()));
        while (stack.TryPeek(out var top))
        {
            if (!top.Causes.MoveNext())
            {
                _order.Add(stack.Pop().Item);
                continue;
            }

            if (_visited.Add(top.Causes.Current)) stack.Push((top.Causes.Current, CausesOf(top.Causes.Current).GetEnumerator()));
        }
    }

    private IEnumerable<LaidOut> CausesOf(LaidOut item)
    {
        var (chain, first, dependencies) = item switch
        {
            LaidOut.Kept kept => (kept.Chain, kept.Segment.First, kept.Segment.Dependencies),
            LaidOut.Fetched fetched => (fetched.Chain, fetched.Segment.First, DependenciesOf(fetched.Segment)),
            _ => (null, 0, ImmutableArray<EventId>.Empty),
        };
        if (chain is null) yield break;
        if (_byEvent.TryGetValue((chain, first - 1), out var before)) yield return before;
        foreach (var dependency in dependencies)
            if (_check.Chains.TryGetValue(dependency.Chain, out var other) && _byEvent.TryGetValue((other, dependency.Sequence), out var cause)) yield return cause;
    }

    private ImmutableArray<EventId> DependenciesOf(Segment segment)
    {
        var header = segment.Records[0].Header;
        ImmutableArray<EventId> said = header.Deps is { } deps ? [.. deps.Heads.Select((head, i) => PlaceOf(head, deps.HeadHashes[i]))] : [];
        if (segment.First > 1) return said.Add(PlaceOf(header.Id.Chain[segment.First - 1], header.Previous.Prefix));
        if (_check.OriginOf(segment.Records[0]) is OriginFinding.Found(var origin)) return said.AddRange(origin.Needs);
        return _fetchedHashes.TryGetValue(header.Previous, out var vouching) ? said.Add(vouching) : said;
    }

    /// <summary>The line on which a record is that another one names.</summary>
    private EventId PlaceOf(EventId named, UInt128 hashPrefix) =>
        _check.FindHeld(named, hashPrefix) ?? (_fetchedPlaces.TryGetValue((named, hashPrefix), out var place) ? place : named);

    private static IEnumerable<(CheckedChain, long)> EventsOf(LaidOut item) => item switch
    {
        LaidOut.Kept kept => Positions(kept.Segment.First, item.Count).Select(sequence => (kept.Chain, sequence)),
        LaidOut.Fetched fetched => Sequences(fetched.Segment).Select(sequence => (fetched.Chain, sequence)),
        _ => [],
    };

    private static IEnumerable<long> Sequences(Segment segment) => Positions(segment.First, segment.Records.Length);

    private static IEnumerable<long> Positions(long first, long count)
    {
        for (var i = 0L; i < count; i++) yield return first + i;
    }
}
