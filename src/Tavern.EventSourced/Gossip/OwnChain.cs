using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>An agent's own appends: they wait here, unnumbered, until the store is ready, and then become segments with one signature
/// for all of them. So a sequence is never handed out that a failed commit would leave in doubt.</summary>
internal sealed class OwnChain(EngineStart start, SegmentIndex index, SegmentIntake intake, ForkWatch forks, IAgentSigner signer, ISignatureVerifier verifier)
{
    private const int BatchBytesMax = 4 * 1024 * 1024; // what one commit carries of own events; more waits for the next
    private const long LeaseStep = 1000; // numbers per lease: its sync costs little beside those of so many commits
    private const int TipsNamedMax = 1024; // of 43 bytes each, so that a header holds them and everything else; more are named by the next segments
    private const int ProofsRoom = 1024; // numbers of a lease that are kept for records which expose forks

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

    /// <summary>True when something waits to be written, or a fork to be exposed, and may be.</summary>
    public bool IsWaiting => (_waiting.Count > 0 || MustBegin || (forks.IsWaiting && !IsForked && !IsSuperseded && IsVouched)) && _lease is LeaseState.None;

    /// <summary>True when the agent has heard who vouches for its key.</summary>
    public bool IsVouched => Voucher() is not null;

    /// <summary>True when the agent knows of two lines that it wrote in this epoch: there must not be more.</summary>
    public bool IsForked => intake.Forked.Contains(Chain.Main);

    /// <summary>True when the agent has a later epoch, which it did not begin itself since this start: what it wrote here would not count.</summary>
    /// <summary>The later epoch that the agent has begun elsewhere; null when there is none.</summary>
    public int? EpochElsewhere => _isOpen && IsSuperseded ? index.LastEpochOf(start.Agent) : null;

    private bool IsSuperseded => index.LastEpochOf(start.Agent) > Chain.Epoch;

    /// <summary>The end of the agent's own line; null when it has written nothing in this epoch.</summary>
    private EventId? Head => LastOf(Chain);

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
    public bool HasKeyOf(ChainId chain) => LastOf(chain) is { } last
        ? index.KeyOf(last.Chain) is { } key && key.Span.SequenceEqual(signer.PublicKey.Span)
        : chain.Epoch > 1 || AgentId.FromPublicKey(signer.PublicKey.Span) == chain.Agent;

    /// <summary>True when the agent signed this, with its present key or the one it had in that chain.</summary>
    public bool IsSigned(ChainId chain, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
        verifier.Verify(signer.PublicKey.Span, content, signature)
        || (index.KeyOf(chain) is { } key && verifier.Verify(key.Span, content, signature));

    /// <summary>The last event that the agent has of one of its chains; of several lines the longest one's. Null for none.</summary>
    public EventId? LastOf(ChainId chain) => intake.TipsOf(chain) is { Count: > 0 } tips ? tips.MaxBy(tip => tip.Sequence) : null;

    private bool MustBegin => _isOpen && Chain.Epoch > 1 && Head is null;

    /// <summary>Takes note of a delivered event's time, so that own events are not dated before their causes.</summary>
    public void Observe(HybridTime time, DateTimeOffset wall) => _clock.Merge(time, wall);

    /// <summary>Writes what waits; appends that cannot be written are refused into <paramref name="effects"/>.</summary>
    public OwnBatch Write(DateTimeOffset wall, List<GossipEffect> effects)
    {
        if (IsForked)
            return RefuseAll(AppendRefusal.Forked, $"Agent {Chain.Agent} has written two lines of events in epoch {Chain.Epoch}: two copies of it were at work. Leave one of them running and start it anew: it goes on in a new epoch.", effects);
        if (IsSuperseded)
            return RefuseAll(AppendRefusal.Forked, $"Agent {Chain.Agent} writes in epoch {Chain.Epoch} here and has begun epoch {index.LastEpochOf(start.Agent)} elsewhere: two copies of it are at work. Leave one of them running and start it anew: it goes on in a new epoch.", effects);
        var head = Head;
        if (!IsVouched || Previous(Chain) is not { } previous)
            return RefuseAll(AppendRefusal.NotVouched, $"Agent {Chain.Agent} has not heard yet who vouches for it. Let it gossip with a seed first.", effects);

        var line = Chain with { Branch = index.BranchAfter(Chain, head?.Sequence ?? 0, previous) };
        var place = new Place(line, head?.Sequence ?? 0, previous, Dependencies(line));
        var appends = Take(place.Head, effects);
        var proofs = forks.IsWaiting && HasLease(place.Head + appends.Sum(append => append.Drafts.Length), effects) ? forks.Take() : [];
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
        if (sequence + ProofsRoom <= _leased || _leased == long.MaxValue) return true;
        if (_lease is not LeaseState.None) return false;
        _lease = LeaseState.Asked;
        effects.Add(new GossipEffect.Lease(Chain.Epoch, Head?.Sequence ?? 0, sequence + ProofsRoom + LeaseStep));
        return false;
    }

    private EpochStarted Beginning()
    {
        var before = Chain with { Epoch = Chain.Epoch - 1 };
        return LastOf(before) is { } last && index.TryGetHash(last, out var hash)
            ? new EpochStarted(before.Epoch, last.Sequence, hash)
            : new EpochStarted(before.Epoch, 0, default);
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

    /// <summary>Hash that a chain's next record names as its previous; null while nobody vouches for this agent's key.</summary>
    private Hash? Previous(ChainId chain)
    {
        if (LastOf(chain) is { } last) return index.TryGetHash(last, out var hash) ? hash : null;
        var before = chain with { Epoch = chain.Epoch - 1 };
        return LastOf(before) is not null && HasKeyOf(before) ? Previous(before) : Voucher();
    }

    /// <summary>Hash of the event that gave the agent its present key; null while it was not received.</summary>
    private Hash? Voucher()
    {
        foreach (var (hash, rekey) in index.RekeysOf(Chain.Agent, signer.PublicKey))
            if (intake.Has(rekey.Event)) return hash;
        foreach (var voucher in index.VouchersOf(Chain.Agent))
            if (voucher.PublicKey.Span.SequenceEqual(signer.PublicKey.Span) && intake.Has(voucher.Event) && index.TryGetHash(voucher.Event, out var spawn))
                return spawn;
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

    private enum LeaseState
    {
        None,
        Asked,
        Failed,
    }
}
