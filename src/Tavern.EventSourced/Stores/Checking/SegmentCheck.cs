using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Puts records together to segments, checks the signatures that end them, and compares both with the rows that say where
/// segments are.</summary>
internal sealed class SegmentCheck(StoreExpectation expected, ChainTable chains, ISignatureVerifier verifier, Findings findings)
{
    private const string Table = "segments";

    private readonly HashSet<CheckedSegment> _named = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ChainId, long> _unchecked = [];
    private readonly Dictionary<CheckedChain, long> _claimed = [];
    private readonly List<(CheckedChain Chain, CheckedSegment Segment)> _unsure = [];
    private Open? _open;

    /// <summary>Takes the next record, in the order of positions.</summary>
    /// <param name="chain">Its chain.</param>
    /// <param name="sequence">Its place there.</param>
    /// <param name="row">Its row.</param>
    /// <param name="record">What could be read of it.</param>
    /// <param name="sound">True when it holds.</param>
    /// <param name="afterGap">True when the record before it is missing: its segment may have begun there.</param>
    public void Add(CheckedChain chain, long sequence, StoredRow.Event row, StoredRecord record, bool sound, bool afterGap)
    {
        if (_open is { } before && before.Chain != chain) Interrupt();
        var open = _open ??= new Open(chain, sequence, row.Position, DependenciesOf(chain, record), sound) { IsUnsure = afterGap && record.Header?.Deps is null };
        open.IsSound &= sound && (sequence == open.First || sequence == open.Last + 1) && row.Position == open.Position + (sequence - open.First);
        open.Last = sequence;
        open.Positions.Add((sequence, row.Position));
        open.Bytes += row.Header.Length + row.Payload.Length;
        if (sequence > open.First && record.Header?.Deps is not null) open.Refuse(findings, "It carries dependencies but is not the first of its segment.");
        if (row.Verified is not (0 or 1) || (row.Verified == 1 && row.Signature is null))
            findings.Add(
                "events", Findings.At("position", row.Position), new EventRange(chain.Id, sequence, sequence),
                $"Its signature is marked {row.Verified}; expected 1 or 0, and 0 where there is none.", Advice.Refetch);
        if (row.Signature is { } signature) Close(open, record, signature.Span);
    }

    /// <summary>What follows does not belong to the open segment: its signature is missing.</summary>
    public void Interrupt()
    {
        if (_open is not { } open) return;
        _open = null;
        open.TellPositions();
        open.Refuse(findings, "No signature ends these records.");
        open.Chain.Add(new CheckedSegment(open.First, open.Last, open.Position, open.Dependencies, Sound: false));
    }

    /// <summary>Takes a row that says where a segment is.</summary>
    public void Add(StoredRow.Segment row)
    {
        var place = Findings.At("chain", row.ChainKey) + Findings.At(", last", row.Last);
        if (chains.Find(row.ChainKey) is not { } chain)
        {
            findings.Add(Table, place, $"There is no chain {row.ChainKey}.", Advice.Rederive);
            return;
        }

        if (row.First >= 1 && row.Last >= row.First && chain.Id.Branch > 0 && chain.Leaves is null) BeginsLower(chain, row.First);
        if (row.First == _claimed.GetValueOrDefault(chain, chain.First - 1) + 1 && row.Last >= row.First)
        {
            _claimed[chain] = row.Last;
            chain.Claim(row.Last);
        }

        var found = chain.Find(row.Last);
        if (found is not { Sound: true }) chain.StandsAt(row);
        if (_unsure.FindIndex(item => item.Segment == found) is >= 0 and var unsure && (found!.First, found.Position) == (row.First, row.Position))
        {
            _unsure.RemoveAt(unsure); // it began where it seems to
            found = chain.Replace(found, found with { Sound = true });
        }

        if (found is not null && (found.First, found.Last, found.Position) == (row.First, row.Last, row.Position))
            _named.Add(found);
        else if (found is null ? row.Last > chain.Head || !chain.Damaged.Contains(row.Last) : found.Sound)
            findings.Add(
                Table, place, $"The row says {chain.Id[Math.Max(1, row.First)]}..{row.Last} at position {row.Position}; the events there say otherwise.",
                Advice.Rederive);
    }

    public void End()
    {
        foreach (var (chain, segment) in _unsure) chain.MarkDamaged(segment.First, segment.Last); // its beginning is missing

        foreach (var chain in chains.All.Values)
            foreach (var segment in chain.Segments)
                if (segment.Sound && !_named.Contains(segment))
                    findings.Add(
                        Table, Findings.At("chain", chain.Key) + Findings.At(", last", segment.Last), new EventRange(chain.Id, segment.First, segment.Last),
                        "No row says where these events are.", Advice.Rederive);
        foreach (var (chain, count) in _unchecked)
            findings.Add("events", "", $"{count} signatures of {chain} cannot be checked: the event that states its writer's key is missing or damaged.", Advice.Refetch);
    }

    private void Close(Open open, StoredRecord last, ReadOnlySpan<byte> signature)
    {
        _open = null;
        var (chain, key) = (open.Chain, chains.KeyOf(open.Chain.Id));
        if (open.Last > open.First && open.Bytes > EventLimits.SegmentBytesMax) open.Refuse(findings, $"The segment has {open.Bytes} bytes in several records; the limit is {EventLimits.SegmentBytesMax}.");
        if (key.IsEmpty) _unchecked[chain.Id] = _unchecked.GetValueOrDefault(chain.Id) + 1;
        else if (last.ProvesItself && !verifier.Verify(key.Span, Segment.SignedContent(expected.Tavern, last.Header!.Id, last.Computed), signature))
            open.Refuse(findings, "The signature that ends these records is not their writer's.");
        var segment = new CheckedSegment(open.First, open.Last, open.Position, open.Dependencies, open.IsSound && !open.IsUnsure);
        if (!segment.Sound) open.TellPositions();
        if (open.IsSound && open.IsUnsure) _unsure.Add((chain, segment));
        chain.Add(segment);
    }

    /// <summary>The records at the beginning of a branch are missing, and a row says where it began.</summary>
    private void BeginsLower(CheckedChain chain, long first)
    {
        if (_claimed.ContainsKey(chain)) return; // a lower row said so
        if (chain.IsEmpty) chain.BeginsAt(first);
        else if (first < chain.First && chain.First - first <= EventCheck.GapMax) chain.ReachesDownTo(first);
    }

    /// <summary>What a segment's first record depends on: as it says, on the lines that are meant; and the record that its branch leaves.</summary>
    private ImmutableArray<EventId> DependenciesOf(CheckedChain chain, StoredRecord record)
    {
        if (record.Header is not { } header || !record.ProvesItself) return [];
        ImmutableArray<EventId> said = header.Deps is { } deps ? [.. deps.Heads.Select((head, i) => chains.FindHeld(head, deps.HeadHashes[i]) ?? head)] : [];
        if (header.Id.Sequence == chain.First && chain.Leaves is { } left) said = said.Add(left);
        return header.Id.Sequence == 1 && record.Whole is { } first && chains.Origins.Find(first) is OriginFinding.Found(var origin) ? said.AddRange(origin.Needs) : said;
    }

    private sealed class Open(CheckedChain chain, long first, long position, ImmutableArray<EventId> dependencies, bool sound)
    {
        public CheckedChain Chain { get; } = chain;

        public long First { get; } = first;

        public long Position { get; } = position;

        public ImmutableArray<EventId> Dependencies { get; } = dependencies;

        public List<(long Sequence, long Position)> Positions { get; } = [];

        public long Last { get; set; } = first;

        public long Bytes { get; set; }

        /// <summary>True when it may have begun before its first record that is left.</summary>
        public bool IsUnsure { get; init; }

        public bool IsSound { get; set; } = sound;

        /// <summary>Where its records stand, so that a copy from elsewhere can take their places.</summary>
        public void TellPositions()
        {
            foreach (var (sequence, position) in Positions) Chain.StandsAt(sequence, position);
        }

        /// <summary>Marks all its records damaged: what ends them is missing or wrong, so a peer's copy has to replace them.</summary>
        public void Refuse(Findings findings, string what)
        {
            IsSound = false;
            Chain.MarkDamaged(First, Last);
            findings.Add("events", Findings.At("position", Position), new EventRange(Chain.Id, First, Last), what, Advice.Refetch);
        }
    }
}
