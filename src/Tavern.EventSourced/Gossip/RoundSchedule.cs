using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>When rounds start: a second apart, backing off while all agree; at once, and in a row, while news spreads.</summary>
internal sealed class RoundSchedule(GossipOptions options, SplitMix64 random)
{
    private const int UselessExchangesMax = 3; // after news, exchanges that moved nothing before waiting again (Demers 1987, "feedback, counter")

    private TimeSpan _interval = options.RoundInterval;
    private int _uselessLeft;

    private TimeSpan _due;

    /// <summary>When the next round starts: when it is due, and not before its turn.</summary>
    public TimeSpan Next => Turn is { } turn && turn > _due ? turn : _due;

    /// <summary>The turn among the agents of the node that the round waits for; null while none was taken.</summary>
    public TimeSpan? Turn { get; set; }

    /// <summary>A round starts; the next one follows after the interval, which grows, with 20 % jitter.</summary>
    public void Started(TimeSpan now)
    {
        Turn = null;
        _due = now + _interval * (0.8 + 0.4 * random.NextUnit());
        _interval = _interval * 2 < options.RoundIntervalMax ? _interval * 2 : options.RoundIntervalMax;
    }

    /// <summary>There is news to tell.</summary>
    public void News(TimeSpan now)
    {
        _interval = options.RoundInterval;
        _uselessLeft = UselessExchangesMax;
        Soon(now);
    }

    /// <summary>An exchange ended. While exchanges move something, rounds follow each other; never on a bare difference, for a fork is one
    /// for ever.</summary>
    public void ExchangeEnded(TimeSpan now, bool moved, bool agreed)
    {
        if (moved) _uselessLeft = UselessExchangesMax;
        else if (_uselessLeft > 0) _uselessLeft--;
        if (!agreed) _interval = options.RoundInterval;
        if (_uselessLeft > 0) Soon(now);
    }

    /// <summary>An exchange failed; others may still want the news.</summary>
    public void ExchangeFailed(TimeSpan now)
    {
        _interval = options.RoundInterval;
        if (_uselessLeft > 0) Soon(now);
    }

    /// <summary>A round is due after the short delay in which news is gathered.</summary>
    public void Soon(TimeSpan now)
    {
        if (now + options.NewsDelay < _due) _due = now + options.NewsDelay;
    }
}
