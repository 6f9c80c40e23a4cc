using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>An agent's own appends: they wait here, unnumbered, until the store is ready, and then become segments with one signature
/// for all of them. So a sequence is never handed out that a failed commit would leave in doubt.</summary>
internal sealed class OwnChain(Hash tavern, ChainId chain, SegmentIndex index, SegmentIntake intake, IAgentSigner signer)
{
    private const int BatchBytesMax = 4 * 1024 * 1024; // what one commit carries of own events; more waits for the next

    private readonly ChainWriter _writer = new(tavern, chain, signer);
    private readonly HybridLogicalClock _clock = new();
    private readonly Queue<GossipInput.Append> _waiting = [];

    /// <summary>True when appends wait.</summary>
    public bool IsWaiting => _waiting.Count > 0;

    /// <summary>Queues an append.</summary>
    public void Enqueue(GossipInput.Append append) => _waiting.Enqueue(append);

    /// <summary>Takes note of a delivered event's time, so that own events are not dated before their causes.</summary>
    public void Observe(HybridTime time, DateTimeOffset wall) => _clock.Merge(time, wall);

    /// <summary>Writes what waits; appends that cannot be written are refused into <paramref name="effects"/>.</summary>
    public OwnBatch Write(DateTimeOffset wall, List<GossipEffect> effects)
    {
        if (FirstPrevious() is not { } previous)
        {
            foreach (var append in _waiting)
                effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.NotVouched, $"Agent {chain.Agent} has not heard yet who vouches for it. Let it gossip with a seed first."));
            _waiting.Clear();
            return OwnBatch.Empty;
        }

        var appends = Take(intake[chain], effects);
        if (appends.Count == 0) return OwnBatch.Empty;
        try
        {
            return Write(appends, intake[chain], previous, Dependencies(), wall);
        }
        catch (MalformedRecordException)
        {
            return WriteOneByOne(appends, previous, wall, effects);
        }
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
        List<GossipInput.Append> appends, Hash previous, DateTimeOffset wall, List<GossipEffect> effects)
    {
        var (written, head, dependencies) = (OwnBatch.Empty, intake[chain], Dependencies());
        foreach (var append in appends)
        {
            try
            {
                var own = Write([append], head, previous, dependencies, wall);
                written = written.Then(own);
                (head, previous, dependencies) = (own.Segments[^1].Last, own.Segments[^1].HeadHash, []);
            }
            catch (MalformedRecordException e)
            {
                effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.TooLarge, e.Message));
            }
        }

        return written;
    }

    private OwnBatch Write(
        List<GossipInput.Append> appends, long head, Hash previous, List<(EventId Head, Hash Hash)> dependencies, DateTimeOffset wall)
    {
        List<EventDraft> drafts = [.. appends.SelectMany(append => append.Drafts)];
        var segments = _writer.Write(drafts, head, previous, dependencies, drafts.ConvertAll(_ => _clock.Next(wall)));
        var next = head;
        ImmutableArray<AppendedEvents> appended = [.. appends.Select(append => new AppendedEvents(append.Token, [.. append.Drafts.Select(_ => chain[++next])]))];
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
    private Hash? FirstPrevious()
    {
        var head = intake[chain];
        if (head > 0) return index.TryGetHash(chain[head], out var hash) ? hash : null;
        foreach (var voucher in index.VouchersOf(chain.Agent))
            if (intake[voucher.Event.Chain] >= voucher.Event.Sequence && index.TryGetHash(voucher.Event, out var spawn)) return spawn;
        return null;
    }

    private List<(EventId Head, Hash Hash)> Dependencies()
    {
        var dependencies = new List<(EventId, Hash)>();
        if (!intake.Frontier.HasForeign(chain)) return dependencies;
        foreach (var tip in intake.Frontier.Tips)
            if (tip.Chain != chain && index.TryGetHash(tip, out var hash)) dependencies.Add((tip, hash));
        return dependencies;
    }
}
