using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Names an exchange here: its id is unique only among those that one side started.</summary>
internal readonly record struct ExchangeKey(AgentId Peer, ulong Id, bool StartedHere);

/// <summary>At most one outstanding want per chain, so that a payload is asked for once: this is what makes copies N - 1. A
/// reservation ends with its exchange or runs out; who lets one run out gets none for that chain for a while, unless its answer
/// still comes: slow is not gone, and it may be the only one to ask.</summary>
internal sealed class Reservations(TimeSpan defaulterTime)
{
    private readonly Dictionary<ChainId, Reservation> _byChain = [];
    private readonly Dictionary<(AgentId Peer, ChainId Chain), (TimeSpan Until, ExchangeKey Exchange)> _defaulters = [];

    /// <summary>What is asked for and not here yet.</summary>
    public IEnumerable<(AgentId Peer, Want Want)> Outstanding => _byChain.Values
        .OrderBy(reservation => reservation.Want.Chain)
        .Select(reservation => (reservation.Exchange.Peer, reservation.Want));

    /// <summary>When the first of them runs out.</summary>
    public TimeSpan? NextDeadline => _byChain.Count == 0 ? null : _byChain.Values.Min(reservation => reservation.Deadline);

    /// <summary>Reserves a range with a peer; false when the chain is reserved already or the peer defaulted on it.</summary>
    public bool TryReserve(ExchangeKey exchange, Want want, TimeSpan now, TimeSpan life)
    {
        if (_byChain.ContainsKey(want.Chain)) return false;
        if (_defaulters.TryGetValue((exchange.Peer, want.Chain), out var defaulted))
        {
            if (now < defaulted.Until) return false;
            _defaulters.Remove((exchange.Peer, want.Chain));
        }

        _byChain.Add(want.Chain, new Reservation(exchange, want, now + life));
        return true;
    }

    /// <summary>Ends all reservations of one exchange, which was answered or given up; one that was answered late is forgiven.</summary>
    public void Release(ExchangeKey exchange, bool answered)
    {
        foreach (var (chain, reservation) in _byChain)
            if (reservation.Exchange == exchange) _byChain.Remove(chain);
        if (!answered) return;
        foreach (var (key, defaulted) in _defaulters)
            if (defaulted.Exchange == exchange) _defaulters.Remove(key);
    }

    /// <summary>Ends what ran out and remembers who let it.</summary>
    public void Expire(TimeSpan now)
    {
        foreach (var (chain, reservation) in _byChain)
        {
            if (reservation.Deadline > now) continue;
            _byChain.Remove(chain);
            _defaulters[(reservation.Exchange.Peer, chain)] = (now + defaulterTime, reservation.Exchange);
        }
    }

    private sealed record Reservation(ExchangeKey Exchange, Want Want, TimeSpan Deadline);
}
