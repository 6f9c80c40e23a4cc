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

    private readonly ulong _incarnation = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private ulong _exchange;

    /// <summary>What the peer says it has; the first of several that lives where it is called.</summary>
    /// <exception cref="TransportException">Nobody answers.</exception>
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
                    refusal = refused;
                    break;
            }
        }

        throw new TransportException($"{string.Join(", ", candidates.SelectMany(peer => peer.Addresses).Distinct())} answers, but refuses: {refusal?.Reason}: {refusal?.Detail}");
    }

    /// <summary>The segments that hold these events, as far as the peer sends them.</summary>
    public async Task<List<Events.Segment>> FetchAsync(RepairPeer peer, IReadOnlyList<EventRange> ranges, Action<long> progress, CancellationToken cancellationToken)
    {
        var (found, seen) = (new List<Events.Segment>(), new HashSet<Hash>());
        foreach (var some in ranges.Chunk(WantsPerCall))
        {
            var wants = some.Select(range => new Want(range.Chain.Main, range.First, range.Last)).ToList();
            while (wants.Count > 0)
            {
                var push = new GossipMessage.Push(++_exchange, [], [.. wants], More: false);
                if (await calls.CallAsync(self, peer.Agent, push, peer.Addresses, cancellationToken).ConfigureAwait(false) is not GossipMessage.Push answer) break;
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

        return found;
    }

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
