using System.Security.Cryptography;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Asks a peer for events that are damaged here, with the calls of an exchange, without being a node.</summary>
internal sealed class PeerCopies(OutgoingCalls calls, AgentId self)
{
    private const int WantsPerCall = 512;
    private const int NamedMax = 3; // agents in a message

    private readonly ulong _incarnation = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private ulong _exchange;

    /// <summary>What the peer says it has; the first of several that lives where it is called.</summary>
    /// <exception cref="TransportException">Nobody answers, or whoever does refuses, or is none of them; the message says which.</exception>
    public async Task<(RepairPeer Peer, IReadOnlyDictionary<ChainId, long> Clock)> MeetAsync(IReadOnlyList<RepairPeer> candidates, CancellationToken cancellationToken)
    {
        GossipMessage.Refused? refusal = null;
        foreach (var peer in candidates)
        {
            var syn = new GossipMessage.Syn(++_exchange, _incarnation, 0, [], new ClockPage(null, null, []));
            switch (await calls.CallAsync(self, peer.Agent, syn, peer.Addresses, cancellationToken).ConfigureAwait(false))
            {
                case GossipMessage.SynAck ack:
                    return (peer, ack.Claims.GroupBy(claim => claim.Chain).ToDictionary(claims => claims.Key, claims => claims.Max(claim => claim.Sequence)));
                case GossipMessage.Refused refused:
                    if (refusal is not { IsFromAnother: false }) refusal = refused; // who is there and refuses says more than who is not
                    break;
            }
        }

        var where = string.Join(", ", candidates.SelectMany(peer => peer.Addresses).Distinct());
        throw new TransportException(refusal is { Reason: RefusalReason.NotHosted }
            ? $"{where} answers, but hosts none of the agents that are known here ({Text(candidates)})."
            : $"{where} answers, but refuses: {refusal?.Reason}: {refusal?.Detail}");
    }

    /// <summary>The segments that hold these events, as far as the peer sends them, and why it did not go on; null when it said all that it has.</summary>
    /// <exception cref="TransportException">It does not answer any more.</exception>
    public async Task<(List<Events.Segment> Segments, string? Refusal)> FetchAsync(RepairPeer peer, IReadOnlyList<EventRange> ranges, Action<long> progress, CancellationToken cancellationToken)
    {
        var (found, seen) = (new List<Events.Segment>(), new HashSet<Hash>());
        foreach (var some in ranges.Chunk(WantsPerCall))
        {
            var wants = some.Select(range => new Want(range.Chain.Main, range.First, range.Last)).ToList();
            while (wants.Count > 0)
            {
                var push = new GossipMessage.Push(++_exchange, [], [.. wants], More: false);
                var reply = await calls.CallAsync(self, peer.Agent, push, peer.Addresses, cancellationToken).ConfigureAwait(false);
                if (reply is GossipMessage.Refused refused) return (found, $"{peer.Agent} refuses: {refused.Reason}: {refused.Detail}");
                if (reply is not GossipMessage.Push answer) break;
                var news = 0;
                foreach (var (segment, _) in answer.Frame)
                {
                    if (!seen.Add(segment.HeadHash)) continue;
                    found.Add(segment);
                    news++;
                }

                progress(found.Sum(segment => (long)segment.Records.Length));
                if (news == 0 || !answer.More) break;
                wants = Left(wants, found);
            }
        }

        return (found, null);
    }

    private static string Text(IReadOnlyList<RepairPeer> peers) =>
        string.Join(", ", peers.Take(NamedMax).Select(peer => peer.Agent)) + (peers.Count > NamedMax ? $" and {peers.Count - NamedMax} more" : "");

    private static List<Want> Left(List<Want> wants, List<Events.Segment> found)
    {
        var left = new List<Want>();
        foreach (var want in wants)
        {
            var first = want.First;
            foreach (var segment in found.Where(segment => segment.Chain == want.Chain).OrderBy(segment => segment.First))
                if (segment.First <= first && segment.Last >= first) first = segment.Last + 1;
            if (first <= want.Last) left.Add(want with { First = first });
        }

        return left;
    }
}
