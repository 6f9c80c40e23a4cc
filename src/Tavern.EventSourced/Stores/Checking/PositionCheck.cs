namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Checks that each subscription stands within its agent's log and emitted what its agent wrote. That it stands there and not
/// elsewhere in the log, nothing repeats: such damage cannot be seen.</summary>
internal sealed class PositionCheck(ChainTable chains, ReceiptCheck receipts, LogCheck logs, Findings findings)
{
    private const int NameCharsMax = 255;

    public void Add(StoredRow.Subscription row)
    {
        if (Flaw(row) is { } flaw)
            findings.Add(
                "positions", Findings.At("holder", row.HolderKey) + $", subscription {row.Name}", flaw,
                "tavern fsck --repair-from PEER leaves it out: the subscription begins again, so what it did may be done twice.");
    }

    /// <summary>What is wrong with a row; null for nothing.</summary>
    public string? Flaw(StoredRow.Subscription row)
    {
        if (receipts.Holder(row.HolderKey) is not { } holder) return $"There is no holder {row.HolderKey}.";
        if (row.Name.Length is 0 or > NameCharsMax) return $"The name has {row.Name.Length} characters; expected 1 to {NameCharsMax}.";
        if (row.At < 0 || row.At > logs.LengthOf(row.HolderKey)) return $"It stands at {row.At}; the log has {logs.LengthOf(row.HolderKey)} events.";
        if (row.ChainKey is null != row.Sequence is null) return "It names half an event.";
        if (row.ChainKey is not { } key) return null;
        return chains.Find(key) is { } chain && chain.Id.Agent == holder.Agent && row.Sequence >= chain.First && row.Sequence <= chain.Head
            ? null
            : $"It says it emitted {row.Sequence} of chain {key}, which {holder.Agent} did not write.";
    }
}
