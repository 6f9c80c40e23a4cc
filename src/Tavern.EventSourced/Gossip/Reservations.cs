using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Names an exchange here: its id is unique only among those that one side started.</summary>
internal readonly record struct ExchangeKey(AgentId Peer, ulong Id, bool StartedHere);

/// <summary>At most one outstanding want per chain, so that a payload is asked for once: this is what makes copies N - 1. A
/// reservation ends with its exchange or runs out. A peer is asked for a chain no more for a while when it let a reservation run
/// out, unless its answer still comes (slow is not gone, and it may be the only one to ask), or when what it sent of the chain was
/// refused: so nobody sends the same refused bytes again and again.</summary>
internal sealed class Reservations(TimeSpan defaulterTime, NodeShare node)
{
    private const int ReservationsMax = 16_384; // a tavern larger than any tested; more are claims of chains that do not exist
    private static readonly TimeSpan AvoidMin = TimeSpan.FromSeconds(1); // one bad frame may be a bad link: ask again soon, then ever later

    private static readonly TimeSpan RefusedWaitMax = TimeSpan.FromMinutes(1); // then the same refused bytes cost next to nothing

    private const int DefaultersMax = 4096; // when full it starts anew, which costs a repeated question at worst

    private readonly Dictionary<ChainId, Reservation> _byChain = [];
    private readonly Dictionary<ExchangeKey, int> _granted = [];
    private readonly Dictionary<(AgentId Peer, ChainId Chain), Defaulter> _defaulters = [];

    /// <summary>What is asked for and not here yet.</summary>
    public IEnumerable<(AgentId Peer, Want Want)> Outstanding => _byChain.Values
        .OrderBy(reservation => reservation.Want.Chain)
        .Select(reservation => (reservation.Exchange.Peer, reservation.Want));

    /// <summary>How many reservations and defaulters are remembered.</summary>
    public int Count => _byChain.Count + _defaulters.Count;

    /// <summary>When the first of them runs out.</summary>
    public TimeSpan? NextDeadline => _byChain.Count == 0 ? null : _byChain.Values.Min(reservation => reservation.Deadline);

    /// <summary>Bytes that peers may send in return for what they were asked for.</summary>
    public long Granted => _granted.Values.Sum(bytes => (long)bytes);

    /// <summary>True when a peer on another node was asked for something of a chain.</summary>
    public bool IsAskedOfNetwork(ChainId chain) => _byChain.TryGetValue(chain, out var reservation) && !node.Hosts(reservation.Exchange.Peer);

    /// <summary>Lets the peer send this much in return for what this exchange asked for; until the answer comes or the reservations end.</summary>
    public void Grant(ExchangeKey exchange, int bytes) => _granted[exchange] = bytes;

    /// <summary>Reserves a range with a peer; false when the chain is reserved already or the peer is not to be asked for it.</summary>
    public bool TryReserve(ExchangeKey exchange, Want want, TimeSpan now, TimeSpan life)
    {
        if (_byChain.Count >= ReservationsMax || _byChain.ContainsKey(want.Chain)) return false;
        if (_defaulters.TryGetValue((exchange.Peer, want.Chain), out var defaulter) && now < defaulter.Until) return false;
        _byChain.Add(want.Chain, new Reservation(exchange, want, now + life));
        return true;
    }

    /// <summary>Ends all reservations of one exchange, which was answered or given up; one that was answered late is forgiven.</summary>
    public void Release(ExchangeKey exchange, bool answered)
    {
        _granted.Remove(exchange);
        foreach (var (chain, reservation) in _byChain)
            if (reservation.Exchange == exchange) _byChain.Remove(chain);
        if (!answered) return;
        foreach (var (key, defaulter) in _defaulters)
            if (defaulter.Late == exchange) _defaulters.Remove(key);
    }

    /// <summary>What the peer sent of the chain was refused or had to be dropped: it is asked again after a second, then two, and so on up
    /// to a minute.</summary>
    public void Avoid(AgentId peer, ChainId chain, TimeSpan now)
    {
        var strikes = StrikesOf(peer, chain) + 1;
        Add(peer, chain, new Defaulter(now + WaitAfter(strikes, RefusedWaitMax), null, strikes), now);
    }

    /// <summary>What the peer sent of the chain was good: earlier strikes do not count.</summary>
    public void Trust(AgentId peer, ChainId chain) => _defaulters.Remove((peer, chain));

    /// <summary>What the peer sent in this exchange could not be read: nothing that it was asked for is asked of it again soon.</summary>
    public void Avoid(ExchangeKey exchange, TimeSpan now)
    {
        foreach (var (chain, reservation) in _byChain)
            if (reservation.Exchange == exchange) Avoid(exchange.Peer, chain, now);
    }

    /// <summary>The peer restarted: what it did before does not count.</summary>
    public void Forgive(AgentId peer)
    {
        foreach (var (chain, reservation) in _byChain)
            if (reservation.Exchange.Peer == peer) _byChain.Remove(chain);
        foreach (var exchange in _granted.Keys)
            if (exchange.Peer == peer) _granted.Remove(exchange);
        foreach (var key in _defaulters.Keys)
            if (key.Peer == peer) _defaulters.Remove(key);
    }

    /// <summary>Ends what ran out and remembers who let it.</summary>
    public void Expire(TimeSpan now)
    {
        foreach (var (chain, reservation) in _byChain)
        {
            if (reservation.Deadline > now) continue;
            _byChain.Remove(chain);
            _granted.Remove(reservation.Exchange);
            var strikes = StrikesOf(reservation.Exchange.Peer, chain) + 1;
            Add(reservation.Exchange.Peer, chain, new Defaulter(now + WaitAfter(strikes, defaulterTime), reservation.Exchange, strikes), now);
        }
    }

    private int StrikesOf(AgentId peer, ChainId chain) => _defaulters.TryGetValue((peer, chain), out var before) ? before.Strikes : 0;

    private static TimeSpan WaitAfter(int strikes, TimeSpan max)
    {
        var wait = AvoidMin * Math.Pow(2, Math.Min(strikes - 1, 16));
        return wait < max ? wait : max;
    }

    private void Add(AgentId peer, ChainId chain, Defaulter defaulter, TimeSpan now)
    {
        if (_defaulters.Count >= DefaultersMax)
        {
            foreach (var (key, old) in _defaulters)
                if (old.Until <= now) _defaulters.Remove(key);
            if (_defaulters.Count >= DefaultersMax) _defaulters.Clear();
        }

        _defaulters[(peer, chain)] = defaulter;
    }

    private sealed record Reservation(ExchangeKey Exchange, Want Want, TimeSpan Deadline);

    /// <param name="Until">Not to be asked before.</param>
    /// <param name="Late">The exchange whose answer would clear it; null when an answer is what was wrong.</param>
    /// <param name="Strikes">How often in a row what it sent was refused, or did not come.</param>
    private readonly record struct Defaulter(TimeSpan Until, ExchangeKey? Late, int Strikes);
}
