using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>An agent's own appends: they wait here, unnumbered, until the store is ready, and then become segments with one signature
/// for all of them. So a sequence is never handed out that a failed commit would leave in doubt.</summary>
internal sealed class OwnChain(Hash tavern, ChainId chain, SegmentIndex index, SegmentIntake intake, ForkWatch forks, IAgentSigner signer)
{
    private const int BatchBytesMax = 4 * 1024 * 1024; // what one commit carries of own events; more waits for the next
    private const int TipsNamedMax = 1024; // of 43 bytes each, so that a header holds them and everything else; more are named by the next segments

    private readonly ChainWriter _writer = new(tavern, chain, signer);
    private readonly HybridLogicalClock _clock = new();
    private readonly Queue<GossipInput.Append> _waiting = [];

    /// <summary>True when appends wait, or a fork is to be exposed.</summary>
    public bool IsWaiting => _waiting.Count > 0 || (forks.IsWaiting && !IsForked && FirstPrevious(Head) is not null);

    /// <summary>The end of the agent's own line; null when it has written nothing in this epoch.</summary>
    private EventId? Head => intake.TipsOf(chain) is [var head] ? head : null;

    /// <summary>True when the agent knows of two lines that it wrote in this epoch: there must not be more.</summary>
    private bool IsForked => intake.Forked.Contains(chain.Main);

    /// <summary>Queues an append.</summary>
    public void Enqueue(GossipInput.Append append) => _waiting.Enqueue(append);

    /// <summary>Takes note of a delivered event's time, so that own events are not dated before their causes.</summary>
    public void Observe(HybridTime time, DateTimeOffset wall) => _clock.Merge(time, wall);

    /// <summary>Writes what waits; appends that cannot be written are refused into <paramref name="effects"/>.</summary>
    public OwnBatch Write(DateTimeOffset wall, List<GossipEffect> effects)
    {
        if (IsForked)
            return RefuseAll(AppendRefusal.Forked, $"Agent {chain.Agent} has written two lines of events in epoch {chain.Epoch}: two copies of it were at work. It can write again in a new epoch.", effects);
        var head = Head;
        if (FirstPrevious(head) is not { } previous)
            return RefuseAll(AppendRefusal.NotVouched, $"Agent {chain.Agent} has not heard yet who vouches for it. Let it gossip with a seed first.", effects);

        var line = chain with { Branch = index.BranchAfter(chain, head?.Sequence ?? 0, previous) };
        var place = new Place(line, head?.Sequence ?? 0, previous, Dependencies(line));
        var appends = Take(place.Head, effects);
        var proofs = forks.Take();
        if (appends.Count == 0 && proofs.IsEmpty) return OwnBatch.Empty;
        try
        {
            return Write(appends, proofs, place, wall);
        }
        catch (MalformedRecordException)
        {
            return WriteOneByOne(appends, proofs, place, wall, effects);
        }
    }

    private OwnBatch RefuseAll(AppendRefusal reason, string detail, List<GossipEffect> effects)
    {
        foreach (var append in _waiting) effects.Add(new GossipEffect.AppendRefused(append.Token, reason, detail));
        _waiting.Clear();
        return OwnBatch.Empty;
    }

    /// <summary>Takes what one commit carries; refuses those that expect another head.</summary>
    private List<GossipInput.Append> Take(long head, List<GossipEffect> effects)
    {
        var (taken, bytes) = (new List<GossipInput.Append>(), 0L);
        while (bytes < BatchBytesMax && _waiting.TryDequeue(out var append))
        {
            if (append.ExpectedHead is { } expected && expected != head)
            {
                effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.HeadMoved, $"The chain ends at {head}; the caller expected {expected}. Read again and retry."));
                continue;
            }

            taken.Add(append);
            head += append.Drafts.Length;
            bytes += append.Drafts.Sum(draft => (long)draft.Payload.Length) + append.Histories.Sum(history => history.Bytes);
        }

        return taken;
    }

    /// <summary>One of them does not fit: it alone is refused.</summary>
    private OwnBatch WriteOneByOne(
        List<GossipInput.Append> appends, ImmutableArray<EventDraft> proofs, Place place, DateTimeOffset wall, List<GossipEffect> effects)
    {
        var written = OwnBatch.Empty;
        foreach (var append in appends)
        {
            try
            {
                Add(Write([append], [], place, wall));
            }
            catch (MalformedRecordException e)
            {
                effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.TooLarge, e.Message));
            }
        }

        if (!proofs.IsEmpty) Add(Write([], proofs, place, wall));
        return written;

        void Add(OwnBatch own)
        {
            written = written.Then(own);
            place = place with { Head = own.Segments[^1].Last, Previous = own.Segments[^1].HeadHash, Dependencies = [] };
        }
    }

    private OwnBatch Write(List<GossipInput.Append> appends, ImmutableArray<EventDraft> proofs, Place place, DateTimeOffset wall)
    {
        List<EventDraft> drafts = [.. appends.SelectMany(append => append.Drafts), .. proofs];
        ImmutableArray<Segment> segments =
        [
            .. _writer.Write(drafts, place.Head, place.Previous, place.Dependencies, drafts.ConvertAll(_ => _clock.Next(wall)))
                .Select(segment => segment.InBranch(place.Line.Branch)),
        ];
        var next = place.Head;
        ImmutableArray<AppendedEvents> appended = [.. appends.Select(append => new AppendedEvents(append.Token, [.. append.Drafts.Select(_ => place.Line[++next])]))];
        return new OwnBatch(
            segments,
            appended,
            [
                .. appends.Zip(appended).SelectMany(pair => pair.First.Histories.Zip(
                    pair.Second.Events.TakeLast(pair.First.Histories.Length), (history, id) => new OwnBatch.Recorded(history, RecordOf(id, segments)))),
            ]);
    }

    private static EventRecord RecordOf(EventId id, ImmutableArray<Segment> segments)
    {
        var segment = segments.First(segment => segment.Last >= id.Sequence);
        return segment.Records[(int)(id.Sequence - segment.First)];
    }

    /// <summary>Hash that the next record names as its previous; null while nobody vouches for this agent.</summary>
    private Hash? FirstPrevious(EventId? head)
    {
        if (head is { } last) return index.TryGetHash(last, out var hash) ? hash : null;
        foreach (var voucher in index.VouchersOf(chain.Agent))
            if (intake.Has(voucher.Event) && index.TryGetHash(voucher.Event, out var spawn)) return spawn;
        return null;
    }

    /// <summary>The tips that the next segment names: all but the own line's end.</summary>
    private List<(EventId Head, Hash Hash)> Dependencies(ChainId line)
    {
        var dependencies = new List<(EventId, Hash)>();
        foreach (var tip in intake.Frontier.Tips)
            if (tip.Chain != line && dependencies.Count < TipsNamedMax && index.TryGetHash(tip, out var hash)) dependencies.Add((tip, hash));
        return dependencies;
    }

    /// <summary>Where the next own record goes.</summary>
    /// <param name="Line">The chain, with the branch that this node gives to it.</param>
    /// <param name="Head">Sequence of the record before it, 0 for none.</param>
    /// <param name="Previous">What it names as the hash before it.</param>
    /// <param name="Dependencies">The tips it names.</param>
    private sealed record Place(ChainId Line, long Head, Hash Previous, List<(EventId Head, Hash Hash)> Dependencies);
}
