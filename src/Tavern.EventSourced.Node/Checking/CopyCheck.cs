using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Decides which of the segments that a peer sent are what is missing here: signed by their writer for this tavern, and the very
/// records that the hashes around them name.</summary>
internal static class CopyCheck
{
    /// <summary>The segments that hold; their keys may be stated by others among them.</summary>
    public static List<Segment> Accept(IReadOnlyList<Segment> sent, Hash tavern, StoreCheck check, ISignatureVerifier verifier)
    {
        var (accepted, keys, hashes) = (new List<Segment>(), new Dictionary<AgentId, ReadOnlyMemory<byte>>(), new Dictionary<EventId, Hash>());
        var waiting = sent.OrderBy(segment => segment.Chain).ThenBy(segment => segment.First).ToList();
        for (var again = true; again;)
        {
            again = false;
            foreach (var segment in waiting.ToList())
            {
                if (KeyOf(segment) is not { IsEmpty: false } key) continue; // stated by one that comes later, or by none
                waiting.Remove(segment);
                if (!Fits(segment) || !segment.IsSignedBy(key.Span, tavern, verifier)) continue;
                accepted.Add(segment);
                again = true;
                foreach (var record in segment.Records)
                {
                    hashes[record.Id] = record.Hash;
                    if (Voucher.From(record) is { } voucher) keys.TryAdd(voucher.Agent, voucher.PublicKey);
                }
            }
        }

        return accepted;

        ReadOnlyMemory<byte>? KeyOf(Segment segment)
        {
            var agent = segment.Chain.Agent;
            if (check.KeyOf(segment.Chain) is { IsEmpty: false } held) return held;
            if (segment.Chain.Epoch == 1 && keys.TryGetValue(agent, out var sentToo)) return sentToo;
            return segment.Records[0].Hash == tavern ? Voucher.From(segment.Records[0])?.PublicKey : null;
        }

        bool Fits(Segment segment)
        {
            var chain = check.Chain(segment.Chain);
            foreach (var record in segment.Records)
                if (chain.HashOf(record.Id.Sequence) is { } known && known != record.Hash) return false;
            var before = segment.First == 1 ? null : chain.HashOf(segment.First - 1) ?? (hashes.TryGetValue(segment.Chain[segment.First - 1], out var sentBefore) ? sentBefore : null);
            return before is not { } previous || segment.Records[0].Header.Previous == previous;
        }
    }
}
