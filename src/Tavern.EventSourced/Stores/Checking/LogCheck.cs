using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Checks the logs: positions without holes, every event once and after its causes, its record held, its receipt there; and
/// that everything held is in somebody's log.</summary>
internal sealed class LogCheck(StoreExpectation expected, ChainTable chains, ReceiptCheck receipts, Findings findings)
{
    private const string Table = "runs";

    private readonly Dictionary<CheckedChain, long> _delivered = [];
    private readonly Dictionary<long, long> _lengths = [];
    private HolderRow? _holder;
    private long _position;

    /// <summary>Takes the next run, by holder and position.</summary>
    public void Add(StoredRow.Run row)
    {
        if (_holder?.Key != row.HolderKey) EndLog();
        var place = Findings.At("holder", row.HolderKey) + Findings.At(", position", row.Position);
        if (receipts.Holder(row.HolderKey) is not { } holder)
        {
            findings.Add(Table, place, $"There is no holder {row.HolderKey}.", Advice.Rederive);
            return;
        }

        _holder = holder;
        if (chains.Find(row.ChainKey) is not { } chain || row.First < 1 || row.Last < row.First)
        {
            findings.Add(Table, place, $"The run delivers {row.First}..{row.Last} of chain {row.ChainKey}: there is no such run.", Advice.Rederive);
            return;
        }

        var events = new EventRange(chain.Id, row.First, row.Last);
        var expectedPosition = _position + 1;
        if (row.Position != expectedPosition) No($"The log goes on at position {row.Position}; expected {expectedPosition}.");
        _position = row.Position + events.Count - 1;
        var delivered = _delivered.GetValueOrDefault(chain, chain.First - 1);
        if (row.Position == expectedPosition && row.First == delivered + 1) chain.Claim(row.Last);
        if (row.First != delivered + 1) No($"It delivers from {row.First} on; the log has the chain up to {delivered}.");
        if (row.Last > chain.Head) No($"The events are held up to {chain.Head} only.");
        if (Uncovered(chain, row) is { } cause) No($"It needs {cause}, which the log does not have before it.");
        _delivered[chain] = Math.Max(delivered, Math.Min(row.Last, chain.Head));
        if (HowItCame(row, chain, holder) is { } flaw) No(flaw);

        void No(string what) => findings.Add(Table, place, events, what, Advice.Rederive);
    }

    /// <summary>Events in a holder's log. All runs were taken.</summary>
    public long LengthOf(long holder)
    {
        EndLog();
        return _lengths.GetValueOrDefault(holder);
    }

    public void End()
    {
        EndLog();
        foreach (var chain in chains.All.Values)
            if (chain.Delivered < chain.Head && !chain.Damaged.Contains(chain.Delivered + 1))
                findings.Add(Table, "", new EventRange(chain.Id, chain.Delivered + 1, chain.Head), "The events are held, but no log here has them.", Advice.Rederive);
    }

    private void EndLog()
    {
        if (_holder is { } holder)
        {
            _lengths[holder.Key] = _position;
            foreach (var (chain, last) in _delivered) chain.Delivered = Math.Max(chain.Delivered, last);
            foreach (var chain in chains.All.Values)
                if (chain.Id.Agent == holder.Agent && chain.Id.Branch == 0 && _delivered.GetValueOrDefault(chain) is var last && last < chain.Head && !chain.Damaged.Contains(last + 1))
                    findings.Add(
                        Table, Findings.At("holder", holder.Key), new EventRange(chain.Id, last + 1, chain.Head),
                        "They are the agent's own events, but its log does not have them: it would use their numbers again.", Advice.Rederive);
            if (!expected.Hosted.Contains(holder.Agent))
                findings.Add("holders", Findings.At("holder", holder.Key), $"A log of {holder.Agent} is here, but tavern.json does not name that agent.", Advice.Restore);
        }

        _delivered.Clear();
        (_holder, _position) = (null, 0);
    }

    /// <summary>A cause of the run's events that the log does not cover; null when it covers all.</summary>
    private EventId? Uncovered(CheckedChain chain, StoredRow.Run row)
    {
        for (var sequence = Math.Max(row.First, chain.First); sequence <= Math.Min(row.Last, chain.Head);)
        {
            if (chain.Find(sequence) is not { } segment)
            {
                sequence++; // damaged: reported where the events are
                continue;
            }

            if (segment.First == sequence)
                foreach (var dependency in segment.Dependencies)
                    if (dependency.Chain != chain.Id && (chains.Find(dependency.Chain) is not { } other || _delivered.GetValueOrDefault(other) < dependency.Sequence))
                        return dependency;
            sequence = segment.Last + 1;
        }

        return null;
    }

    /// <summary>What is wrong with how the run came; null for nothing. Marks its receipt as used.</summary>
    private string? HowItCame(StoredRow.Run row, CheckedChain chain, HolderRow holder)
    {
        if (row.ReceiptNumber == 0)
            return chain.Id.Agent == holder.Agent && chain.Id.Branch == 0 && row.Hop == 0 ? null : $"It names no receipt, at {row.Hop} hops; only an agent's own events, at 0, need none.";
        if (row.Hop is < 1 or > int.MaxValue) return $"It came over {row.Hop} hops; expected 1 or more.";
        return receipts.TryUse(row.HolderKey, row.ReceiptNumber) ? null : $"It names receipt {row.ReceiptNumber}, which is not there or is no delivery.";
    }
}
