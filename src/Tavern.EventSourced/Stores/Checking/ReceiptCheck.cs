using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>An agent with a log here.</summary>
internal sealed record HolderRow(long Key, AgentId Agent);

/// <summary>Checks receipts: numbers without holes, values that can be, and that each delivery brought something.</summary>
internal sealed class ReceiptCheck(StoreExpectation expected, ChainTable chains, Findings findings)
{
    private const string Table = "receipts";

    private readonly Dictionary<long, HolderRow> _holders = [];
    private readonly Dictionary<long, List<Use>> _uses = [];

    private enum Use : byte
    {
        Missing,
        Failure,
        Unused,
        Used,
    }

    public void Add(StoredRow.Holder row)
    {
        if (row.Agent.Length == AgentId.Bytes) _holders.Add(row.Key, new HolderRow(row.Key, AgentId.FromBytes(row.Agent.Span)));
        else findings.Add("holders", Findings.At("holder", row.Key), $"An id of {row.Agent.Length} bytes names no agent.", Advice.Restore);
    }

    public HolderRow? Holder(long key) => _holders.GetValueOrDefault(key);

    public void Add(StoredRow.Receipt row)
    {
        var place = Findings.At("holder", row.HolderKey) + Findings.At(", number", row.Number);
        if (Holder(row.HolderKey) is null)
        {
            findings.Add(Table, place, $"There is no holder {row.HolderKey}.", Advice.Local);
            return;
        }

        if (!_uses.TryGetValue(row.HolderKey, out var uses)) _uses.Add(row.HolderKey, uses = []);
        if (row.Number != uses.Count + 1) findings.Add(Table, place, $"The number before it is {uses.Count}; expected {row.Number - 1}.", Advice.Local);
        if (row.Number <= uses.Count || row.Number > uses.Count + 1_000_000) return; // a damaged number: what it left is reported as missing
        while (uses.Count < row.Number - 1) uses.Add(Use.Missing);
        uses.Add(row.Outcome == (long)ReceiptOutcome.Delivered ? Use.Unused : Use.Failure);
        if (Flaw(row) is { } flaw) findings.Add(Table, place, flaw, Advice.Local);
    }

    /// <summary>A run names this receipt; false when it is not there or is no delivery.</summary>
    public bool TryUse(long holder, long number)
    {
        if (!_uses.TryGetValue(holder, out var uses) || number < 1 || number > uses.Count || uses[(int)number - 1] is Use.Missing or Use.Failure) return false;
        uses[(int)number - 1] = Use.Used;
        return true;
    }

    public void End()
    {
        foreach (var (holder, uses) in _uses)
            for (var i = 0; i < uses.Count; i++)
                if (uses[i] is Use.Unused)
                    findings.Add(Table, Findings.At("holder", holder) + Findings.At(", number", i + 1), "It tells of a delivery, but no run of the log came with it.", Advice.Rederive);
    }

    /// <summary>What is wrong with the values of a receipt; null for nothing.</summary>
    public string? Flaw(StoredRow.Receipt row)
    {
        if (row.Peer.Length != AgentId.Bytes) return $"Its peer is {row.Peer.Length} bytes; an agent id has {AgentId.Bytes}.";
        if (!Enum.IsDefined((DeliveryMode)row.Mode) || !Enum.IsDefined((ReceiptOutcome)row.Outcome)) return $"Mode {row.Mode} or outcome {row.Outcome} is none.";
        if (row.Bytes is < 0 or > int.MaxValue || row.Count < 1) return $"It says {row.Bytes} bytes and counts {row.Count}; expected 0 or more, and 1 or more.";
        if (row.At < 0 || row.At > (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks) return $"Its time {row.At} is none.";
        if ((DeliveryMode)row.Mode is DeliveryMode.Imported or DeliveryMode.Repaired) return null;
        if (row.Outcome == (long)ReceiptOutcome.Delivered ? row.Count != 1 || row.Detail is not null : row.Bytes != 0 || string.IsNullOrEmpty(row.Detail))
            return "A delivery counts once and gives no reason; a failure has no bytes and gives one.";
        var peer = AgentId.FromBytes(row.Peer.Span);
        return chains.IsVouched(peer) || expected.Seeds.Contains(peer) || expected.Hosted.Contains(peer) ? null : $"No event vouches for its peer {peer}, and it is no seed.";
    }
}
