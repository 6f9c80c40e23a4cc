using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>An agent's own appends: they wait here, unnumbered, until the store is ready, and then become segments with one signature
/// for all of them. So a sequence is never handed out that a failed commit would leave in doubt.</summary>
internal sealed class OwnChain(EngineStart start, SegmentIndex index, SegmentIntake intake, IAgentSigner signer, ISignatureVerifier verifier)
{
    private const int BatchBytesMax = 4 * 1024 * 1024; // what one commit carries of own events; more waits for the next
    private const long LeaseStep = 1000; // numbers per lease: its sync costs little beside those of so many commits

    private readonly HybridLogicalClock _clock = new();
    private readonly Queue<GossipInput.Append> _waiting = [];
    private ChainWriter _writer = new(start.Tavern, new ChainId(start.Agent, start.Epoch), signer);
    private long _leased = start.Guard is null ? long.MaxValue : 0;
    private LeaseState _lease;
    private bool _isOpen = start.Guard is null;

    /// <summary>The chain that is written to.</summary>
    public ChainId Chain { get; private set; } = new(start.Agent, start.Epoch);

    /// <summary>Why the epoch was begun at this start; null when it was not.</summary>
    public string? Began { get; private set; }

    /// <summary>True when something waits to be written and may be.</summary>
    public bool IsWaiting => (_waiting.Count > 0 || MustBegin) && _lease is LeaseState.None;

    /// <summary>True when the agent has heard who vouches for its key.</summary>
    public bool IsVouched => Voucher() is not null;

    /// <summary>Queues an append.</summary>
    public void Enqueue(GossipInput.Append append)
    {
        _waiting.Enqueue(append);
        OnTick();
    }

    /// <summary>Time passed: a lease that could not be written is tried again.</summary>
    public void OnTick()
    {
        if (_lease is LeaseState.Failed) _lease = LeaseState.None;
    }

    /// <summary>From now on the agent writes, in this epoch. A new one begins with a record that says what was recovered of the one before.</summary>
    public void Open(int epoch, string? because)
    {
        (_isOpen, Began) = (true, because);
        if (epoch == Chain.Epoch) return;
        Chain = new ChainId(start.Agent, epoch);
        _writer = new ChainWriter(start.Tavern, Chain, signer);
        _leased = 0;
    }

    /// <summary>The lease is written: so many numbers may be used.</summary>
    public void OnLeased(int epoch, long through)
    {
        _lease = LeaseState.None;
        if (epoch == Chain.Epoch) _leased = Math.Max(_leased, through);
    }

    /// <summary>The lease could not be written: what waits is refused.</summary>
    public void OnLeaseFailed(string reason, List<GossipEffect> effects)
    {
        _lease = LeaseState.Failed;
        foreach (var append in _waiting) effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.NoLease, reason));
        _waiting.Clear();
    }

    /// <summary>True when the agent's present key is the one that a chain is signed with, or can begin with.</summary>
    public bool HasKeyOf(ChainId chain) => intake[chain] > 0
        ? index.KeyOf(chain) is { } key && key.Span.SequenceEqual(signer.PublicKey.Span)
        : chain.Epoch > 1 || AgentId.FromPublicKey(signer.PublicKey.Span) == chain.Agent;

    /// <summary>True when the agent signed this, with its present key or the one it had in that chain.</summary>
    public bool IsSigned(ChainId chain, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
        verifier.Verify(signer.PublicKey.Span, content, signature)
        || (index.KeyOf(chain) is { } key && verifier.Verify(key.Span, content, signature));

    private bool MustBegin => _isOpen && Chain.Epoch > 1 && intake[Chain] == 0;

    /// <summary>Takes note of a delivered event's time, so that own events are not dated before their causes.</summary>
    public void Observe(HybridTime time, DateTimeOffset wall) => _clock.Merge(time, wall);

    /// <summary>Writes what waits; appends that cannot be written are refused into <paramref name="effects"/>.</summary>
    public OwnBatch Write(DateTimeOffset wall, List<GossipEffect> effects)
    {
        if (!IsVouched || Previous(Chain) is not { } previous)
        {
            foreach (var append in _waiting)
                effects.Add(new GossipEffect.AppendRefused(append.Token, AppendRefusal.NotVouched, $"Agent {Chain.Agent} has not heard yet who vouches for it. Let it gossip with a seed first."));
            _waiting.Clear();
            return OwnBatch.Empty;
        }

        var appends = Take(intake[Chain], effects);
        if (appends.Count == 0) return OwnBatch.Empty;
        try
        {
            return Write(appends, intake[Chain], previous, Dependencies(), wall);
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
        if (MustBegin && HasLease(1, effects))
        {
            taken.Add(new GossipInput.Append(0, [EventCatalogue.Draft(Beginning())]));
            head++;
        }

        while (bytes < BatchBytesMax && _waiting.TryPeek(out var append) && HasLease(head + append.Drafts.Length, effects))
        {
            _waiting.Dequeue();
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

    /// <summary>True when this number may be used; else asks for a lease.</summary>
    private bool HasLease(long sequence, List<GossipEffect> effects)
    {
        if (sequence <= _leased) return true;
        if (_lease is not LeaseState.None) return false;
        _lease = LeaseState.Asked;
        effects.Add(new GossipEffect.Lease(Chain.Epoch, intake[Chain], sequence + LeaseStep));
        return false;
    }

    private EpochStarted Beginning()
    {
        var before = Chain with { Epoch = Chain.Epoch - 1 };
        var last = intake[before];
        return new EpochStarted(before.Epoch, last, index.TryGetHash(before[last], out var hash) ? hash : default);
    }

    /// <summary>One of them does not fit: it alone is refused.</summary>
    private OwnBatch WriteOneByOne(
        List<GossipInput.Append> appends, Hash previous, DateTimeOffset wall, List<GossipEffect> effects)
    {
        var (written, head, dependencies) = (OwnBatch.Empty, intake[Chain], Dependencies());
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
        ImmutableArray<AppendedEvents> appended = [.. appends.Select(append => new AppendedEvents(append.Token, [.. append.Drafts.Select(_ => Chain[++next])]))];
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

    /// <summary>Hash that a chain's next record names as its previous; null while nobody vouches for this agent's key.</summary>
    private Hash? Previous(ChainId chain)
    {
        if (intake[chain] is > 0 and var head) return index.TryGetHash(chain[head], out var hash) ? hash : null;
        var before = chain with { Epoch = chain.Epoch - 1 };
        return intake[before] > 0 && HasKeyOf(before) ? Previous(before) : Voucher();
    }

    /// <summary>Hash of the event that gave the agent its present key; null while it was not received.</summary>
    private Hash? Voucher()
    {
        foreach (var (hash, rekey) in index.RekeysOf(Chain.Agent, signer.PublicKey))
            if (intake[rekey.Event.Chain] >= rekey.Event.Sequence) return hash;
        foreach (var voucher in index.VouchersOf(Chain.Agent))
            if (voucher.PublicKey.Span.SequenceEqual(signer.PublicKey.Span) && intake[voucher.Event.Chain] >= voucher.Event.Sequence
                && index.TryGetHash(voucher.Event, out var spawn))
                return spawn;
        return null;
    }

    private List<(EventId Head, Hash Hash)> Dependencies()
    {
        var dependencies = new List<(EventId, Hash)>();
        if (!intake.Frontier.HasForeign(Chain)) return dependencies;
        foreach (var tip in intake.Frontier.Tips)
            if (tip.Chain != Chain && index.TryGetHash(tip, out var hash)) dependencies.Add((tip, hash));
        return dependencies;
    }

    private enum LeaseState
    {
        None,
        Asked,
        Failed,
    }
}
