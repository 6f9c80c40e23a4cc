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

/// <summary>Why a segment of a frame was refused.</summary>
internal readonly record struct Rejection(EventId First, string Detail);

/// <summary>Decides about segments that arrive: deliver, hold back, or refuse, by the record and its causal past alone. Admits each
/// in an order in which causes come first. Of the segments of one chain in a frame only the last one's signature is checked:
/// it vouches for those below it by hash.</summary>
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

    /// <summary>Goes through the segments of a frame, then through what they release. Returns what is admitted, in order.</summary>
    public List<AdmittedSegment> Admit(IReadOnlyList<FrameSegment> frame, FrameOrigin origin, List<Rejection> rejections)
    {
        var admitted = new List<AdmittedSegment>();
        var heads = new Dictionary<ChainId, Segment?>(); // per chain the segment whose signature was checked; null when it is wrong
        foreach (var (segment, hop) in frame) Consider(segment, hop, origin, CheckedHead);
        for (var i = 0; i < admitted.Count; i++) Release(admitted[i].Segment);
        return admitted;

        Segment? CheckedHead(Segment segment, ReadOnlyMemory<byte> key)
        {
            if (heads.TryGetValue(segment.Chain, out var head)) return head;
            head = LastLinked(frame, segment);
            return heads[segment.Chain] = head.IsSignedBy(key.Span, tavern, verifier) ? head : null;
        }

        void Release(Segment arrived)
        {
            foreach (var held in holdBack.TakeWaitingFor(arrived.Chain, arrived.Last)) Reconsider(held);
            foreach (var record in arrived.Records)
                if (index.TryGetVoucher(record.Hash, out _))
                    foreach (var held in holdBack.TakeWaitingFor(record.Hash)) Reconsider(held);
        }

        void Reconsider(HeldSegment held) =>
            Consider(held.Segment, held.Hop, held.Origin, (segment, key) => segment.IsSignedBy(key.Span, tavern, verifier) ? segment : null);

        void Consider(Segment segment, int hop, FrameOrigin from, Func<Segment, ReadOnlyMemory<byte>, Segment?> checkedHead)
        {
            switch (Judge(segment, checkedHead))
            {
                case Judgement.Deliver(var isHead):
                    var entry = index.Add(segment, isHead);
                    Receive(entry);
                    admitted.Add(new AdmittedSegment(segment, entry, hop, from));
                    break;
                case Judgement.Wait(var missing, var voucher):
                    holdBack.Hold(new HeldSegment(segment, hop, from, missing, voucher), chain => this[chain]);
                    break;
                case Judgement.Refuse(var detail):
                    rejections.Add(new Rejection(segment.Chain[segment.First], detail));
                    break;
                case Judgement.Skip:
                    break;
            }
        }
    }

    private Judgement Judge(Segment segment, Func<Segment, ReadOnlyMemory<byte>, Segment?> checkedHead)
    {
        var (chain, head, first) = (segment.Chain, this[segment.Chain], segment.Chain[segment.First]);
        if (segment.First <= head) return JudgeHeld(segment, head);
        if (segment.First > head + 1) return new Judgement.Wait(chain[segment.First - 1], null);
        if ((segment.First == 1 ? JudgeFirst(segment) : JudgeLink(segment)) is { } notDeliverable) return notDeliverable;
        foreach (var dependency in index.DependenciesOf(segment))
        {
            if (dependency.Chain == chain && dependency.Sequence >= segment.First) return new Judgement.Refuse($"Record {first} depends on itself or a later record.");
            if (this[dependency.Chain] < dependency.Sequence) return new Judgement.Wait(dependency, null);
        }

        if (segment.Records[0].Header.Deps is { } deps && HashOf(deps) != deps.HeadsHash)
            return new Judgement.Refuse($"Record {first} depends on records with other hashes than the ones held: a chain it depends on has forked.");
        if (index.TryGetHash(chain[segment.Last], out var same) && same != segment.HeadHash)
            return new Judgement.Refuse($"Another record is held as {chain[segment.Last]}: the chain has forked.");
        if (index.HeadOf(chain) is var indexed && segment.First <= indexed && segment.Last > indexed)
            return new Judgement.Refuse($"Segment {first}..{segment.Last} overlaps one that ends at {indexed}.");
        return checkedHead(segment, KeyOf(segment)) is { } signed
            ? new Judgement.Deliver(ReferenceEquals(signed, segment))
            : new Judgement.Refuse($"The signature that ends the records from {first} on is not their writer's.");
    }

    /// <summary>The same again, or another record in the same place?</summary>
    private Judgement JudgeHeld(Segment segment, long head)
    {
        if (!index.TryGetHash(segment.Chain[segment.First], out var held) || held != segment.Records[0].Hash)
            return new Judgement.Refuse($"Another record is held as {segment.Chain[segment.First]}: the chain has forked.");
        return segment.Last <= head
            ? new Judgement.Skip()
            : new Judgement.Refuse($"Segment {segment.Chain[segment.First]}..{segment.Last} starts below the held head {head}; expected one that starts at {head + 1}.");
    }

    /// <summary>Does somebody vouch for the writer? Null when so and that event is here.</summary>
    private Judgement? JudgeFirst(Segment segment)
    {
        var first = segment.Records[0];
        if (first.Hash == tavern)
            return Voucher.From(first) is not null ? null : new Judgement.Refuse($"Record {first.Id} does not found a tavern.");
        if (segment.Chain.Epoch != 1) return new Judgement.Refuse($"Chain {segment.Chain} is in epoch {segment.Chain.Epoch}; this version delivers epoch 1 only.");
        if (!index.TryGetVoucher(first.Header.Previous, out var voucher)) return new Judgement.Wait(first.Id, first.Header.Previous);
        if (voucher.Agent != segment.Chain.Agent)
            return new Judgement.Refuse($"Record {first.Id} names {voucher.Event} as the event that vouches for its writer, but that one vouches for {voucher.Agent}.");
        return this[voucher.Event.Chain] >= voucher.Event.Sequence ? null : new Judgement.Wait(voucher.Event, null);
    }

    /// <summary>Does it follow the record that is held? Null when so.</summary>
    private Judgement.Refuse? JudgeLink(Segment segment)
    {
        var before = segment.Chain[segment.First - 1];
        return index.TryGetHash(before, out var hash) && segment.Records[0].Header.Previous == hash
            ? null
            : new Judgement.Refuse($"Record {segment.Chain[segment.First]} does not follow the record that is held as {before}: its previous hash is another.");
    }

    private ReadOnlyMemory<byte> KeyOf(Segment segment)
    {
        if (segment.First > 1) return index.KeyOf(segment.Chain) ?? default;
        if (segment.Records[0].Hash == tavern) return Voucher.From(segment.Records[0])?.PublicKey ?? default;
        return index.TryGetVoucher(segment.Records[0].Header.Previous, out var voucher) ? voucher.PublicKey : default;
    }

    private Hash HashOf(Dependencies deps)
    {
        var hashes = new Hash[deps.Heads.Length];
        for (var i = 0; i < hashes.Length; i++)
            if (!index.TryGetHash(deps.Heads[i], out hashes[i])) return default;
        return ChainWriter.HeadsHash(hashes);
    }

    /// <summary>The last segment of the frame that is linked to this one by its chain's hashes.</summary>
    private static Segment LastLinked(IReadOnlyList<FrameSegment> frame, Segment from)
    {
        var last = from;
        foreach (var (next, _) in frame)
            if (next.Chain == last.Chain && next.First == last.Last + 1 && next.Records[0].Header.Previous == last.HeadHash) last = next;
        return last;
    }

    /// <summary>What is to be done with a segment.</summary>
    private abstract record Judgement
    {
        private Judgement()
        {
        }

        /// <summary>It is here already.</summary>
        public sealed record Skip : Judgement;

        /// <summary>Deliver it.</summary>
        public sealed record Deliver(bool Checked) : Judgement;

        /// <summary>Hold it back until an event, or the event that vouches for its writer, is here.</summary>
        public sealed record Wait(EventId Missing, Hash? Voucher) : Judgement;

        /// <summary>Refuse it.</summary>
        public sealed record Refuse(string Detail) : Judgement;
    }
}
