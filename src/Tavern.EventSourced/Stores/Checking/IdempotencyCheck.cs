using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Checks that each request that was carried out names an event its agent wrote. That it was this request and this event,
/// nothing else in a store repeats: such damage cannot be seen.</summary>
internal sealed class IdempotencyCheck(ChainTable chains, ReceiptCheck receipts, Findings findings)
{
    private const int KeyCharsMax = 255;

    public void Add(StoredRow.Idempotency row)
    {
        var flaw = receipts.Holder(row.HolderKey) is not { } holder ? $"There is no holder {row.HolderKey}."
            : row.Key.Length is 0 or > KeyCharsMax ? $"The key has {row.Key.Length} characters; expected 1 to {KeyCharsMax}."
            : row.RequestHash.Length != Hash.Bytes ? $"The hash of the request has {row.RequestHash.Length} bytes; expected {Hash.Bytes}."
            : chains.Find(row.ChainKey) is not { } chain || row.Sequence < chain.First || row.Sequence > chain.Head ? $"It names {row.Sequence} of chain {row.ChainKey}, which is not held."
            : chain.Id.Agent != holder.Agent ? $"It names {chain.Id[row.Sequence]}, which another agent wrote."
            : null;
        if (flaw is not null)
            findings.Add("idempotency", Findings.At("holder", row.HolderKey) + $", key {row.Key}", flaw, "Nothing brings it back: tavern fsck --repair-from PEER leaves it out, and a repeated request would write again.");
    }
}
