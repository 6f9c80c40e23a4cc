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
    public (ImmutableArray<Segment> Segments, ImmutableArray<AppendedEvents> Appends) Write(DateTimeOffset wall, List<GossipEffect> effects)
    {
        if (FirstPrevious() is not { } previous)
        {
            foreach (var append in _waiting)
                effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.NotVouched, $"Agent {chain.Agent} has not heard yet who vouches for it. Let it gossip with a seed first."));
            _waiting.Clear();
            return ([], []);
        }

        var head = intake[chain];
        var (drafts, appends, bytes) = (new List<EventDraft>(), ImmutableArray.CreateBuilder<AppendedEvents>(), 0);
        while (bytes < BatchBytesMax && _waiting.TryDequeue(out var append))
        {
            if (append.ExpectedHead is { } expected && expected != head + drafts.Count)
            {
                effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.HeadMoved, $"The chain ends at {head + drafts.Count}; the caller expected {expected}. Read again and retry."));
                continue;
            }

            var first = head + drafts.Count + 1;
            appends.Add(new AppendedEvents(append.Token, [.. append.Drafts.Select((_, i) => chain[first + i])]));
            drafts.AddRange(append.Drafts);
            bytes += append.Drafts.Sum(draft => draft.Payload.Length);
        }

        if (drafts.Count == 0) return ([], []);
        try
        {
            var times = drafts.ConvertAll(_ => _clock.Next(wall));
            return (_writer.Write(drafts, head, previous, Dependencies(), times), appends.DrainToImmutable());
        }
        catch (MalformedRecordException e)
        {
            foreach (var append in appends) effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.TooLarge, e.Message));
            return ([], []);
        }
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
