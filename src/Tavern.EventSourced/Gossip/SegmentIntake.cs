using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>Where a frame came from; its receipt gets a number when the first of its segments is delivered.</summary>
internal sealed record FrameOrigin(AgentId Peer, ulong Exchange, DeliveryMode Mode, DateTimeOffset At, int Bytes)
{
    /// <summary>Number of the receipt, 0 while nothing was delivered.</summary>
    public long Receipt { get; set; }
}

/// <summary>A segment that passed every check and waits for the next commit.</summary>
/// <param name="Body">The segment, in its branch; null when the node holds it, in another cut than the one that arrived.</param>
/// <param name="Entry">What is delivered.</param>
/// <param name="Hop">Hops at the sender.</param>
/// <param name="Origin">The frame that brought it.</param>
internal readonly record struct AdmittedSegment(Segment? Body, SegmentEntry Entry, int Hop, FrameOrigin Origin);

/// <summary>A segment that was refused, or that had to go from the hold-back (<paramref name="Detail"/> is null then).</summary>
internal readonly record struct TurnedAway(Segment Segment, AgentId Peer, string? Detail);

/// <summary>What became of a frame.</summary>
/// <param name="Admitted">Passed every check, in order.</param>
/// <param name="HeldBack">How many wait.</param>
/// <param name="TurnedAway">Refused or dropped.</param>
internal sealed record IntakeResult(List<AdmittedSegment> Admitted, int HeldBack, List<TurnedAway> TurnedAway);

/// <summary>Decides about segments that arrive: deliver, hold back, or refuse, by the record and its causal past alone. Whose it is
/// is checked before anything else once the writer's key is known; nothing is delivered unchecked. Two records in one place are no reason to
/// refuse either: the chain has forked, and both lines are delivered.</summary>
internal sealed class SegmentIntake(Hash tavern, SegmentIndex index, ISignatureVerifier verifier, HoldBack holdBack)
{
    private readonly Dictionary<ChainId, long> _received = [];
    private readonly SortedSet<ChainId> _forked = [];

    /// <summary>Tips of everything received, committed or not.</summary>
    public Frontier Frontier { get; } = new(index);

    /// <summary>Head of a branch among everything received, committed or not.</summary>
    public long this[ChainId chain] => _received.GetValueOrDefault(chain);

    /// <summary>Chains of which several lines were received, sorted.</summary>
    public IReadOnlySet<ChainId> Forked => _forked;

    /// <summary>True when this held record was received.</summary>
    public bool Has(EventId id) => this[id.Chain] >= id.Sequence;

    /// <summary>The received ends of a chain's lines: records that no received record of the chain follows. One unless it has forked.</summary>
    public List<EventId> TipsOf(ChainId chain)
    {
        var branches = index.BranchesOf(chain).Where(branch => this[branch] > 0).ToList();
        var followed = branches.Select(branch => index.PredecessorOf(branch[index.FirstOf(branch)])).ToHashSet();
        return [.. branches.Select(branch => branch[this[branch]]).Where(head => !followed.Contains(head))];
    }

    /// <summary>Takes note of a segment that the agent has: at a start from its log, later its own.</summary>
    public void Receive(SegmentEntry entry)
    {
        _received[entry.Chain] = entry.Last;
        Frontier.Add(entry);
        if (index.IsForked(entry.Chain) && !_forked.Contains(entry.Chain.Main) && TipsOf(entry.Chain).Count > 1) _forked.Add(entry.Chain.Main);
    }

    /// <summary>Goes through the segments of a frame, then through what they release.</summary>
    public IntakeResult Admit(IReadOnlyList<FrameSegment> frame, FrameOrigin origin)
    {
        var result = new IntakeResult([], 0, []);
        var authorship = new FrameAuthorship(frame, tavern, verifier);
        foreach (var (segment, hop) in frame)
        {
            var key = KeyOf(segment);
            result = Consider(new HeldSegment(segment, hop, origin, default, default, key.IsEmpty ? Authorship.Unknown : authorship.Of(segment, key.Span)), result);
        }

        for (var i = 0; i < result.Admitted.Count; i++)
        {
            var entry = result.Admitted[i].Entry;
            for (var sequence = entry.First; sequence <= entry.Last && !holdBack.IsEmpty; sequence++)
            {
                if (!index.TryGetHash(entry.Chain[sequence], out var hash)) continue;
                foreach (var held in holdBack.TakeWaitingFor(hash.Prefix)) result = Consider(Identified(held), result);
            }
        }

        return result;
    }

    private IntakeResult Consider(HeldSegment arrived, IntakeResult result)
    {
        var segment = arrived.Segment;
        switch (Adopt(arrived, result.Admitted, out var known) ?? Judge(segment, known, arrived.Authorship))
        {
            case Judgement.Deliver:
                var rest = segment.Without(known);
                rest = rest.InBranch(index.BranchFor(rest));
                var entry = index.Add(rest, arrived.Authorship is Authorship.Signed);
                Receive(entry);
                result.Admitted.Add(new AdmittedSegment(rest, entry, arrived.Hop, arrived.Origin));
                return result;
            case Judgement.Wait(var missing, var hash):
                var dropped = holdBack.Hold(arrived with { Missing = missing, MissingHash = hash }, Math.Max(1, segment.First - this[segment.Chain]));
                foreach (var gone in dropped) result.TurnedAway.Add(new TurnedAway(gone.Segment, gone.Origin.Peer, null));
                return result with { HeldBack = result.HeldBack + 1 };
            case Judgement.Refuse(var detail):
                result.TurnedAway.Add(new TurnedAway(segment, arrived.Origin.Peer, detail));
                return result;
            default:
                return result;
        }
    }

    /// <summary>The same, with its authorship checked if that was not possible before.</summary>
    private HeldSegment Identified(HeldSegment held)
    {
        if (held.Authorship is not Authorship.Unknown) return held;
        var key = KeyOf(held.Segment);
        return !key.IsEmpty && held.Segment.IsSignedBy(key.Span, tavern, verifier) ? held with { Authorship = Authorship.Signed } : held;
    }

    /// <summary>Of the records that arrived, the node may hold the first ones already: then they are delivered as the segments it holds them in, however
    /// their writer cut what arrived. Says how many it knows; null when there is more to judge.</summary>
    private Judgement? Adopt(HeldSegment arrived, List<AdmittedSegment> admitted, out int known)
    {
        var segment = arrived.Segment;
        for (known = 0; known < segment.Records.Length; known++)
        {
            var record = segment.Records[known];
            if (index.Find(record.Id, record.Hash.Prefix) is not { } held) break;
            if (Has(held)) continue;
            index.TryGetSegment(held, out var entry);
            if (Lacks(entry!) is { } missing) return missing;
            Receive(entry!);
            var isSame = entry!.First == segment.First && entry.Last == segment.Last;
            entry.Verified |= isSame && arrived.Authorship is Authorship.Signed;
            admitted.Add(new AdmittedSegment(isSame ? segment.InBranch(entry.Chain.Branch) : null, entry, arrived.Hop, arrived.Origin));
        }

        return known < segment.Records.Length ? null : new Judgement.Skip();
    }

    /// <summary>What this agent has not received of what a held segment follows and depends on; null when nothing.</summary>
    private Judgement.Wait? Lacks(SegmentEntry entry)
    {
        foreach (var needed in entry.Dependencies)
            if (!Has(needed)) return WaitFor(needed);
        return index.PredecessorOf(entry.Chain[entry.First]) is { } before && !Has(before) ? WaitFor(before) : null;

        Judgement.Wait WaitFor(EventId held) => new(held.Main, index.TryGetHash(held, out var hash) ? hash.Prefix : default);
    }

    private Judgement Judge(Segment segment, int known, Authorship authorship)
    {
        var first = segment.Records[0];
        if (authorship is Authorship.Unknown && !KeyOf(segment).IsEmpty)
            return new Judgement.Refuse($"The signature that ends the records from {first.Id} on is not their writer's.");
        if (known > 0) return new Judgement.Deliver(); // only a segment's first record has dependencies
        if ((segment.First == 1 ? JudgeFirst(segment) : JudgeLink(first)) is { } notDeliverable) return notDeliverable;
        if (first.Header.Deps is not { } deps) return new Judgement.Deliver();
        for (var i = 0; i < deps.Heads.Length; i++)
            if (index.Find(deps.Heads[i], deps.HeadHashes[i]) is not { } head || !Has(head)) return new Judgement.Wait(deps.Heads[i], deps.HeadHashes[i]);
        return new Judgement.Deliver();
    }

    /// <summary>May its writer begin this chain? Null when so and what it builds on is here.</summary>
    private Judgement? JudgeFirst(Segment segment)
    {
        var first = segment.Records[0];
        if (first.Hash == tavern)
            return Voucher.From(first) is not null ? null : new Judgement.Refuse($"Record {first.Id} does not found a tavern.");
        if (first.Header.Previous.IsZero) return new Judgement.Refuse($"Record {first.Id} follows nothing, but does not found this tavern.");
        return index.OriginOf(first) switch
        {
            OriginFinding.Found(var origin) => FirstMissing(origin) is { } missing ? new Judgement.Wait(missing.Main, HashOf(missing)) : null,
            OriginFinding.Missing(var missing, var hash) => new Judgement.Wait(missing ?? first.Id, hash.Prefix),
            OriginFinding.Refused(var reason) => new Judgement.Refuse(reason),
            _ => null,
        };
    }

    private EventId? FirstMissing(ChainOrigin origin)
    {
        foreach (var need in origin.Needs)
            if (!Has(need)) return need;
        return null;
    }

    private UInt128 HashOf(EventId held)
    {
        index.TryGetHash(held, out var hash);
        return hash.Prefix;
    }

    /// <summary>Is the record that it follows here? Null when so.</summary>
    private Judgement.Wait? JudgeLink(EventRecord first)
    {
        var (before, hash) = (first.Id.Chain[first.Id.Sequence - 1], first.Header.Previous.Prefix);
        return index.Find(before, hash) is { } held && Has(held) ? null : new Judgement.Wait(before, hash);
    }

    /// <summary>The key of the segment's chain: in epoch 1 the one that the writer's id names, later the one that the chain's origin says.
    /// Empty while no held event states it.</summary>
    private ReadOnlyMemory<byte> KeyOf(Segment segment)
    {
        if (segment.Chain.Epoch == 1 && index.VouchersOf(segment.Chain.Agent) is [var voucher, ..]) return voucher.PublicKey;
        if (index.KeyOf(segment.Chain) is { } key) return key;
        var isFirst = segment.First == 1 && (segment.Chain.Epoch > 1 || segment.Records[0].Hash == tavern);
        return isFirst && index.OriginOf(segment.Records[0]) is OriginFinding.Found(var origin) ? origin.PublicKey : default;
    }
}
