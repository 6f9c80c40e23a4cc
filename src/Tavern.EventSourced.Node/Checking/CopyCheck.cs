using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Decides which of the segments that a peer sent are what is missing here: signed by their writer for this tavern, and the very
/// records that the hashes around them name.</summary>
internal static class CopyCheck
{
    /// <summary>The segments that hold, on the lines where they belong; their keys may be stated by others among them.</summary>
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
                if (LineOf(segment) is not { } line || !segment.IsSignedBy(key.Span, tavern, verifier)) continue;
                var placed = segment.InBranch(line.Branch);
                accepted.Add(placed);
                again = true;
                foreach (var record in placed.Records)
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

        // Of several lines the one that more hashes speak for.
        ChainId? LineOf(Segment segment)
        {
            var lines = check.LinesOf(segment.Chain);
            return (lines.Count > 0 ? lines : [check.Chain(segment.Chain)])
                .Select(line => (line.Id, Agreement: AgreementWith(line, segment)))
                .Where(line => line.Agreement is not null)
                .OrderByDescending(line => line.Agreement)
                .Select(line => (ChainId?)line.Id)
                .FirstOrDefault();
        }

        // How many of the hashes that are known on a line are the segment's, its own counting more than the one before it; null when one is not.
        int? AgreementWith(CheckedChain line, Segment segment)
        {
            if (segment.Last < line.First) return null;
            var agreement = 0;
            foreach (var record in segment.Records)
            {
                if (line.HashOf(record.Id.Sequence) is not { } known) continue;
                if (known != record.Hash) return null;
                agreement += 2;
            }

            if (segment.First == 1) return agreement;
            var before = line.HashOf(segment.First - 1) ?? (hashes.TryGetValue(line.Id[segment.First - 1], out var sentBefore) ? sentBefore : null);
            if (before is not { } previous) return agreement;
            return segment.Records[0].Header.Previous == previous ? agreement + 1 : null;
        }
    }
}
