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
internal readonly record struct AdmittedSegment(Segment Segment, SegmentEntry Entry, int Hop, FrameOrigin Origin);

/// <summary>A segment that was refused, or that had to go from the hold-back (<paramref name="Detail"/> is null then).</summary>
internal readonly record struct TurnedAway(Segment Segment, AgentId Peer, string? Detail);

/// <summary>What became of a frame.</summary>
/// <param name="Admitted">Passed every check, in order.</param>
/// <param name="HeldBack">How many wait.</param>
/// <param name="TurnedAway">Refused or dropped.</param>
internal sealed record IntakeResult(List<AdmittedSegment> Admitted, int HeldBack, List<TurnedAway> TurnedAway);

/// <summary>Decides about segments that arrive: deliver, hold back, or refuse, by the record and its causal past alone. Whose it is
/// is checked before anything else once the writer's key is known; nothing is delivered unchecked.</summary>
internal sealed class SegmentIntake(Hash tavern, SegmentIndex index, ISignatureVerifier verifier, HoldBack holdBack)
{
    private readonly Dictionary<ChainId, long> _received = [];

    /// <summary>Tips of everything received, committed or not.</summary>
    public Frontier Frontier { get; } = new();

    /// <summary>Head of a chain among everything received, committed or not.</summary>
    public long this[ChainId chain] => _received.GetValueOrDefault(chain);

    /// <summary>Takes note of a segment that the agent has: at a start from its log, later its own.</summary>
    public void Receive(SegmentEntry entry)
    {
        _received[entry.Chain] = entry.Last;
        Frontier.Add(entry);
    }

    /// <summary>Goes through the segments of a frame, then through what they release.</summary>
    public IntakeResult Admit(IReadOnlyList<FrameSegment> frame, FrameOrigin origin)
    {
        var result = new IntakeResult([], 0, []);
        var authorship = new FrameAuthorship(frame, tavern, verifier);
        foreach (var (segment, hop) in frame)
        {
            var key = KeyOf(segment);
            result = Consider(new HeldSegment(segment, hop, origin, default, null, key.IsEmpty ? Authorship.Unknown : authorship.Of(segment, key.Span)), result);
        }

        for (var i = 0; i < result.Admitted.Count; i++)
        {
            var arrived = result.Admitted[i].Segment;
            foreach (var held in holdBack.TakeWaitingFor(arrived.Chain, arrived.Last)) result = Consider(Identified(held), result);
            foreach (var record in arrived.Records)
                if (index.Vouches(record.Hash))
                    foreach (var held in holdBack.TakeWaitingFor(record.Hash)) result = Consider(Identified(held), result);
        }

        return result;
    }

    private IntakeResult Consider(HeldSegment arrived, IntakeResult result)
    {
        var segment = arrived.Segment;
        switch (Judge(segment, arrived.Authorship))
        {
            case Judgement.Deliver:
                var entry = index.Add(segment, arrived.Authorship is Authorship.Signed);
                Receive(entry);
                result.Admitted.Add(new AdmittedSegment(segment, entry, arrived.Hop, arrived.Origin));
                return result;
            case Judgement.Wait(var missing, var voucher):
                var dropped = holdBack.Hold(arrived with { Missing = missing, Voucher = voucher }, segment.First - this[segment.Chain]);
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

    private Judgement Judge(Segment segment, Authorship authorship)
    {
        var (chain, head, first) = (segment.Chain, this[segment.Chain], segment.Chain[segment.First]);
        if (segment.Last <= head && index.TryGetHash(first, out var same) && same == segment.Records[0].Hash) return new Judgement.Skip();
        if (authorship is Authorship.Unknown && !KeyOf(segment).IsEmpty)
            return new Judgement.Refuse($"The signature that ends the records from {first} on is not their writer's.");
        if (Contradicts(segment) is { } contradiction) return contradiction;
        if (segment.First <= head) return new Judgement.Refuse($"Segment {first}..{segment.Last} starts below the held head {head}; expected one that starts at {head + 1}.");
        if (segment.First > head + 1) return new Judgement.Wait(chain[segment.First - 1], null);
        if ((segment.First == 1 ? JudgeFirst(segment) : JudgeLink(segment)) is { } notDeliverable) return notDeliverable;
        foreach (var dependency in index.DependenciesOf(segment))
        {
            if (dependency.Chain == chain && dependency.Sequence >= segment.First) return new Judgement.Refuse($"Record {first} depends on itself or a later record.");
            if (this[dependency.Chain] < dependency.Sequence) return new Judgement.Wait(dependency, null);
        }

        return segment.Records[0].Header.Deps is { } deps && !AreHeld(deps)
            ? new Judgement.Refuse($"Record {first} depends on records with other hashes than the ones held: a chain it depends on has forked.")
            : new Judgement.Deliver();
    }

    /// <summary>Does the node hold something else in the same place, or the same records cut into other segments? Null when not.</summary>
    private Judgement.Refuse? Contradicts(Segment segment)
    {
        var first = segment.Chain[segment.First];
        if (index.TryGetHash(first, out var held) && held != segment.Records[0].Hash)
            return new Judgement.Refuse($"Another record is held as {first}: the chain has forked.");
        if (index.TryGetHash(segment.Chain[segment.Last], out held) && held != segment.HeadHash)
            return new Judgement.Refuse($"Another record is held as {segment.Chain[segment.Last]}: the chain has forked.");
        return index.TryGetSegment(first, out var entry) && (entry.First != segment.First || entry.Last != segment.Last)
            ? new Judgement.Refuse($"The records of {first}..{segment.Last} are held as segment {entry.First}..{entry.Last}: its writer signed two cuts.")
            : null;
    }

    /// <summary>May its writer begin this chain? Null when so and what it builds on is here.</summary>
    private Judgement? JudgeFirst(Segment segment)
    {
        var first = segment.Records[0];
        if (first.Hash == tavern)
            return Voucher.From(first) is not null ? null : new Judgement.Refuse($"Record {first.Id} does not found a tavern.");
        return index.OriginOf(first) switch
        {
            OriginFinding.Found(var origin) => FirstMissing(origin) is { } missing ? new Judgement.Wait(missing, null) : null,
            OriginFinding.Missing({ } missing) => new Judgement.Wait(missing, null),
            OriginFinding.Missing => new Judgement.Wait(first.Id, first.Header.Previous),
            OriginFinding.Refused(var reason) => new Judgement.Refuse(reason),
            _ => null,
        };
    }

    private EventId? FirstMissing(ChainOrigin origin)
    {
        foreach (var need in origin.Needs)
            if (this[need.Chain] < need.Sequence) return need;
        return null;
    }

    /// <summary>Does it follow the record that is held? Null when so.</summary>
    private Judgement.Refuse? JudgeLink(Segment segment)
    {
        var before = segment.Chain[segment.First - 1];
        return index.TryGetHash(before, out var hash) && segment.Records[0].Header.Previous == hash
            ? null
            : new Judgement.Refuse($"Record {segment.Chain[segment.First]} does not follow the record that is held as {before}: its previous hash is another.");
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

    private bool AreHeld(Dependencies deps)
    {
        for (var i = 0; i < deps.Heads.Length; i++)
            if (!index.TryGetHash(deps.Heads[i], out var hash) || hash.Prefix != deps.HeadHashes[i]) return false;
        return true;
    }
}
