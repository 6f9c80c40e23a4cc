using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Answers a Syn: compares the initiator's clock, as of the position it states, with this agent's as of now.</summary>
internal sealed class ExchangeResponder(GossipOptions options, EngineStart start, DeliveredClock delivered, SplitMix64 random)
{
    /// <summary>Most ranges asked for at once: about 90 KiB of message.</summary>
    public const int WantsMax = 2048;

    private const int ClaimsMax = 8192; // about 400 KiB of message; what is left out shows as a difference next time

    /// <summary>The answer (without wants), and the initiator's claims that are ahead of this agent.</summary>
    public (GossipMessage.SynAck Answer, List<ClockClaim> Ahead) Answer(GossipMessage.Syn syn, Peer peer)
    {
        peer.Meet(syn.Incarnation);
        var ahead = new List<ClockClaim>();
        if (syn.Fingerprint == delivered.Fingerprint)
        {
            peer.Confirm(delivered.LogLength, [], agreed: true);
            if (syn.Nonce == 0) return (new GossipMessage.SynAck(start.Incarnation, delivered.Fingerprint, [], []), ahead);
            var nonce = random.Next();
            return (new GossipMessage.SynAck(start.Incarnation, delivered.Fingerprint, [], [], nonce, ClockHash.Of(syn.Nonce, nonce, delivered.SortedAfter(null))), ahead);
        }

        peer.Differ();
        var claims = new SortedDictionary<ChainId, ClockClaim>();
        var named = new HashSet<ChainId>();
        foreach (var theirs in syn.Page?.Entries ?? syn.Changed)
        {
            named.Add(theirs.Chain);
            var mine = delivered.ClaimOf(theirs.Chain);
            if (mine.Term == theirs.Term) continue;
            claims[theirs.Chain] = mine;
            if (theirs.Sequence > mine.Sequence) ahead.Add(theirs);
        }

        var others = syn.Page is { } page
            ? delivered.SortedAfter(page.After).TakeWhile(mine => page.Through is not { } through || mine.Chain.CompareTo(through) <= 0)
            : delivered.ChangedSince(peer.Confirmed, options.RecentEntriesMax).Concat(peer.Owed.Select(delivered.ClaimOf));
        var onlyNamed = true;
        foreach (var mine in others)
        {
            if (named.Contains(mine.Chain)) continue;
            claims[mine.Chain] = mine;
            onlyNamed = false;
        }

        if (onlyNamed && syn.Page is null && Explains(syn, claims))
            peer.Confirm(delivered.LogLength, Behind(syn, claims), agreed: false);
        return (new GossipMessage.SynAck(start.Incarnation, delivered.Fingerprint, [.. claims.Values.Take(ClaimsMax)], []), ahead);
    }

    /// <summary>True when the claims are all that differs.</summary>
    private bool Explains(GossipMessage.Syn syn, SortedDictionary<ChainId, ClockClaim> claims)
    {
        var sum = delivered.Fingerprint;
        foreach (var theirs in syn.Changed)
        {
            if (!claims.TryGetValue(theirs.Chain, out var mine)) continue;
            unchecked
            {
                sum += theirs.Term - mine.Term;
            }
        }

        return sum == syn.Fingerprint;
    }

    private static IEnumerable<ChainId> Behind(GossipMessage.Syn syn, SortedDictionary<ChainId, ClockClaim> claims)
    {
        foreach (var theirs in syn.Changed)
            if (claims.TryGetValue(theirs.Chain, out var mine) && mine.Sequence > theirs.Sequence) yield return theirs.Chain;
    }
}
