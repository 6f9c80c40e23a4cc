using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores;

/// <summary>The bodies of <see cref="MemoryEventStore"/>: segments in the order they were committed, and per chain by sequence.</summary>
internal sealed class HeldSegments
{
    private readonly List<StoredSegment> _inOrder = [];
    private readonly Dictionary<ChainId, List<int>> _byChain = [];
    private readonly Dictionary<ChainId, List<ChainId>> _branches = []; // of forked chains only, besides the line 0

    /// <summary>All segments, causes first.</summary>
    public StoredSegment[] ToArray() => [.. _inOrder];

    /// <summary>The highest sequence held of a chain, 0 for none.</summary>
    public long HeadOf(ChainId chain) => _byChain.TryGetValue(chain, out var places) ? _inOrder[places[^1]].Segment.Last : 0;

    /// <summary>The lowest sequence held of a chain: above 1 only where a branch leaves another line; 1 for a chain that is not held.</summary>
    public long FirstOf(ChainId chain) => _byChain.TryGetValue(chain, out var places) ? _inOrder[places[0]].Segment.First : 1;

    /// <summary>What a branch's first record follows: a record on another line, once per line that holds it; empty for a chain that begins at 1.</summary>
    public IEnumerable<EventId> PredecessorsOf(ChainId chain)
    {
        var first = Find(chain[FirstOf(chain)])!;
        return Lines(chain, first.Id.Sequence - 1, first.Header.Previous);
    }

    /// <summary>Segments of a chain that overlap a range.</summary>
    public List<StoredSegment> Overlapping(ChainId chain, long first, long last)
    {
        List<StoredSegment> found = [];
        if (last < first || !_byChain.TryGetValue(chain, out var places)) return found;
        for (var i = FirstEndingAtOrAfter(places, first); i < places.Count && _inOrder[places[i]].Segment.First <= last; i++)
            found.Add(_inOrder[places[i]]);
        return found;
    }

    /// <summary>The record in a place, or null.</summary>
    public EventRecord? Find(EventId id)
    {
        var place = PlaceOf(id);
        if (place < 0) return null;
        var segment = _inOrder[place].Segment;
        return segment.Records[(int)(id.Sequence - segment.First)];
    }

    /// <summary>Adds a segment, or skips one whose records are held.</summary>
    /// <exception cref="StoreConflictException">It does not continue its chain, or other records are held in its place.</exception>
    public void Add(StoredSegment added, Stack<Action> undo)
    {
        var segment = added.Segment;
        var head = HeadOf(segment.Chain);
        if (segment.Last <= head)
        {
            Skip(added, undo);
            return;
        }

        var begins = head == 0 && segment.Chain.Branch > 0;
        if (!begins && segment.First != head + 1) throw StoreConflicts.DoesNotContinueChain(segment, head);
        if (begins && segment.First > 1 && !Lines(segment.Chain, segment.First - 1, segment.Records[0].Header.Previous).Any()) throw StoreConflicts.LeavesNoLine(segment);
        if (head > 0 && segment.Records[0].Header.Previous != Find(segment.Chain[head])!.Hash)
            throw StoreConflicts.NamesAnotherPredecessor(segment);
        if (Lines(segment.Chain, segment.Last, segment.HeadHash).FirstOrDefault() is { Sequence: > 0 } elsewhere)
            throw StoreConflicts.HeldOnAnotherLine(segment, elsewhere);
        if (!_byChain.TryGetValue(segment.Chain, out var places)) _byChain.Add(segment.Chain, places = []);
        if (begins) BranchesToChange(segment.Chain).Add(segment.Chain);
        places.Add(_inOrder.Count);
        _inOrder.Add(added);
        undo.Push(() =>
        {
            _inOrder.RemoveAt(_inOrder.Count - 1);
            places.RemoveAt(places.Count - 1);
            if (places.Count == 0) _byChain.Remove(segment.Chain);
            if (begins) _branches[segment.Chain.Main].Remove(segment.Chain);
        });
    }

    /// <summary>Marks the signature over a record as checked, when a segment ends there.</summary>
    public void MarkVerified(EventId head)
    {
        var place = PlaceOf(head);
        if (place >= 0 && _inOrder[place].Segment.Last == head.Sequence) _inOrder[place] = _inOrder[place] with { Verified = true };
    }

    private void Skip(StoredSegment retried, Stack<Action> undo)
    {
        foreach (var record in retried.Segment.Records)
            if (Find(record.Id)?.Hash != record.Hash) throw StoreConflicts.AnotherRecordIsHeld(record.Id);
        var place = PlaceOf(retried.Segment.Chain[retried.Segment.Last]);
        var held = _inOrder[place];
        if (!retried.Verified || held.Verified || held.Segment.First != retried.Segment.First || held.Segment.Last != retried.Segment.Last) return;
        _inOrder[place] = retried;
        undo.Push(() => _inOrder[place] = held);
    }

    /// <summary>Where a record is held on other lines of the chain.</summary>
    private IEnumerable<EventId> Lines(ChainId chain, long sequence, Hash hash) => _branches.GetValueOrDefault(chain.Main, []).Prepend(chain.Main)
        .Where(line => line != chain && Find(line[sequence])?.Hash == hash)
        .Select(line => line[sequence]);

    private List<ChainId> BranchesToChange(ChainId chain)
    {
        if (!_branches.TryGetValue(chain.Main, out var branches)) _branches.Add(chain.Main, branches = []);
        return branches;
    }

    private int PlaceOf(EventId id)
    {
        if (id.Sequence < 1 || !_byChain.TryGetValue(id.Chain, out var places)) return -1;
        var index = FirstEndingAtOrAfter(places, id.Sequence);
        return index < places.Count && _inOrder[places[index]].Segment.First <= id.Sequence ? places[index] : -1;
    }

    private int FirstEndingAtOrAfter(List<int> places, long sequence)
    {
        var (low, high) = (0, places.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_inOrder[places[middle]].Segment.Last < sequence) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
