using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Makes a log whole again from what is left of its runs and from the events that are held: runs that fit are kept in their
/// order, what is missing between them is delivered again where it was missing. The result is closed under causes.</summary>
/// <param name="holder">Whose log.</param>
/// <param name="chains">What is held, after the events were repaired.</param>
/// <param name="isDelivery">True for a receipt of the holder that tells of a delivery.</param>
/// <param name="redelivery">Number of the receipt for what is delivered again.</param>
public sealed class LogRebuild(AgentId holder, IReadOnlyDictionary<ChainId, CheckedChain> chains, Func<long, bool> isDelivery, long redelivery)
{
    private readonly Dictionary<long, CheckedChain> _byKey = chains.Values.Where(chain => chain.Key != 0).ToDictionary(chain => chain.Key);
    private readonly Dictionary<CheckedChain, long> _delivered = [];
    private readonly Dictionary<CheckedChain, Queue<long>> _firsts = [];
    private readonly List<StoredRow.Run> _made = [];
    private long _holderKey;
    private long _position;

    /// <summary>From this position on runs that were kept stand elsewhere than before; null when all stand where they stood.</summary>
    public long? MovedFrom { get; private set; }

    /// <summary>How many events were delivered again.</summary>
    public long Redelivered { get; private set; }

    /// <summary>The whole log.</summary>
    /// <param name="holderKey">The holder's number.</param>
    /// <param name="rows">The runs that are left, by position.</param>
    /// <param name="others">Chains that no log here has and that this one is to have as well.</param>
    public IReadOnlyList<StoredRow.Run> Make(long holderKey, IReadOnlyList<StoredRow.Run> rows, IReadOnlyCollection<CheckedChain> others)
    {
        _holderKey = holderKey;
        var kept = Consistent(rows);
        foreach (var run in kept)
        {
            var chain = _byKey[run.ChainKey];
            if (!_firsts.TryGetValue(chain, out var firsts)) _firsts.Add(chain, firsts = []);
            firsts.Enqueue(run.First);
        }

        foreach (var run in kept)
        {
            var chain = _byKey[run.ChainKey];
            Fill(run.Position - 1);
            _firsts[chain].Dequeue();
            DeliverAgain(chain, run.First - 1);
            CauseFirst(chain, run.First, run.Last);
            if (Delivered(chain) is var has && has >= run.Last) continue;
            if (_position + 1 != run.Position) MovedFrom ??= Math.Min(_position + 1, run.Position);
            Emit(chain, Math.Max(run.First, has + 1), run.Last, run.Hop, run.ReceiptNumber);
        }

        foreach (var chain in chains.Values)
            if (IsOwn(chain) || others.Contains(chain)) DeliverAgain(chain, chain.Head);
        return _made;
    }

    /// <summary>Runs that are possible and that continue each other chain by chain; of two that contradict each other, the one its
    /// successors agree with.</summary>
    private List<StoredRow.Run> Consistent(IReadOnlyList<StoredRow.Run> rows)
    {
        var possible = new List<StoredRow.Run>();
        for (var i = 0; i < rows.Count; i++)
        {
            var run = rows[i];
            if (!_byKey.TryGetValue(run.ChainKey, out var chain) || run.First < chain.First || run.Last < run.First || run.First > chain.Head || run.Position < 1) continue;
            if (i + 1 < rows.Count && rows[i + 1].Position is var next && next > run.Position && run.Last - run.First + 1 > next - run.Position)
                run = run with { Last = run.First + (next - run.Position) - 1 }; // it cannot reach into the next one
            run = run with { Last = Math.Min(run.Last, chain.Head) };
            if (HowItCame(run, chain) is { } whole) possible.Add(whole);
        }

        var (kept, head) = (new List<StoredRow.Run>(), new Dictionary<long, long>());
        for (var i = 0; i < possible.Count; i++)
        {
            var run = possible[i];
            var has = head.GetValueOrDefault(run.ChainKey, _byKey[run.ChainKey].First - 1);
            if (run.First <= has) continue;
            if (run.First != has + 1 && possible.Skip(i + 1).Any(later => later.ChainKey == run.ChainKey && later.First == has + 1)) continue;
            kept.Add(run);
            head[run.ChainKey] = run.Last;
        }

        return kept;
    }

    /// <summary>The run with a hop count and a receipt that can be.</summary>
    private StoredRow.Run? HowItCame(StoredRow.Run run, CheckedChain chain)
    {
        if (run.ReceiptNumber > 0 && isDelivery(run.ReceiptNumber)) return run.Hop is >= 1 and <= int.MaxValue ? run : run with { Hop = 1 };
        if (IsOwn(chain)) return run with { Hop = 0, ReceiptNumber = 0 };
        return run with { Hop = 1, ReceiptNumber = redelivery };
    }

    /// <summary>Runs are missing before a position: what later runs presuppose, in the order of delivery here, then what is held besides.</summary>
    private void Fill(long through)
    {
        while (_position < through)
        {
            var next = chains.Values
                .Select(chain => (Chain: chain, Segment: chain.Find(Delivered(chain) + 1)))
                .Where(item => item.Segment is { } segment && segment.First == Delivered(item.Chain) + 1 && segment.Last - segment.First < through - _position)
                .Where(item => IsPresupposed(item.Chain, item.Segment!) && IsReady(item.Chain, item.Segment!))
                .OrderBy(item => item.Segment!.Position)
                .FirstOrDefault();
            if (next.Segment is not { } found) return; // the runs behind move up
            DeliverAgain(next.Chain, found.Last);
        }
    }

    private bool IsPresupposed(CheckedChain chain, CheckedSegment segment) => !_firsts.TryGetValue(chain, out var firsts) || firsts.Count == 0 || segment.Last < firsts.Peek();

    private bool IsReady(CheckedChain chain, CheckedSegment segment) => segment.Dependencies.All(dependency =>
        dependency.Chain == chain.Id || (chains.TryGetValue(dependency.Chain, out var other) && Delivered(other) >= dependency.Sequence));

    private long Delivered(CheckedChain chain) => _delivered.GetValueOrDefault(chain, chain.First - 1);

    /// <summary>Lines that its own hand wrote here; other branches of its chain came from elsewhere.</summary>
    private bool IsOwn(CheckedChain chain) => chain.Id.Agent == holder && chain.Id.Branch == 0;

    private void DeliverAgain(CheckedChain chain, long through)
    {
        var first = Delivered(chain) + 1;
        if (first > through) return;
        CauseFirst(chain, first, through);
        first = Delivered(chain) + 1;
        if (first > through) return;
        Redelivered += through - first + 1;
        var own = IsOwn(chain);
        Emit(chain, first, through, own ? 0 : 1, own ? 0 : redelivery, mayExtend: true);
    }

    private void CauseFirst(CheckedChain chain, long first, long last)
    {
        for (var sequence = first; sequence <= last;)
        {
            var segment = chain.Find(sequence);
            if (segment is not null)
                foreach (var dependency in segment.Dependencies)
                    if (dependency.Chain != chain.Id && chains.TryGetValue(dependency.Chain, out var other)) DeliverAgain(other, Math.Min(dependency.Sequence, other.Head));
            sequence = (segment?.Last ?? sequence) + 1;
        }
    }

    private bool ContinuesLast(CheckedChain chain, long first) => _made.Count > 0 && _made[^1].ChainKey == chain.Key && _made[^1].Last + 1 == first;

    private void Emit(CheckedChain chain, long first, long last, long hop, long receipt, bool mayExtend = false)
    {
        if (mayExtend && ContinuesLast(chain, first)) _made[^1] = _made[^1] with { Last = last };
        else _made.Add(new StoredRow.Run(_holderKey, _position + 1, chain.Key, first, last, hop, receipt));
        _position += last - first + 1;
        _delivered[chain] = last;
    }
}
