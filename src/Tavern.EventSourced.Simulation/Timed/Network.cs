using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>The links between nodes: all alike, except those that were made otherwise. Each direction is a link of its own.</summary>
public sealed class Network
{
    private readonly Dictionary<(int From, int To), Link> _special = [];
    private readonly EventQueue _queue;
    private readonly SplitMix64 _random;

    internal Network(EventQueue queue, SplitMix64 random) => (_queue, _random) = (queue, random);

    /// <summary>The link where nothing else was said.</summary>
    public Link Usual { get; set; } = new();

    /// <summary>The link from one node to another, by number.</summary>
    public Link this[int from, int to]
    {
        get => _special.TryGetValue((from, to), out var link) ? link : Usual;
        set => _special[(from, to)] = value;
    }

    /// <summary>All links are as usual again.</summary>
    public void Heal() => _special.Clear();

    /// <summary>Cuts what <paramref name="isCut"/> says, each direction by itself, and makes the rest as usual.</summary>
    public void Cut(int nodes, Func<int, int, bool> isCut)
    {
        Heal();
        for (var from = 0; from < nodes; from++)
            for (var to = 0; to < nodes; to++)
                if (from != to && isCut(from, to)) this[from, to] = Usual with { IsCut = true };
    }

    /// <summary>Sends a message; it arrives once, twice, or never. What is under way when a link is cut is lost.</summary>
    internal void Send(int from, int to, int bytes, Action arrive, Action lost)
    {
        var link = this[from, to];
        if (link.IsCut || _random.Below(1000) < link.LossPerMille)
        {
            lost();
            return;
        }

        var copies = _random.Below(1000) < link.DuplicatesPerMille ? 2 : 1;
        for (var copy = 0; copy < copies; copy++)
        {
            _queue.After(TimeOf(link, bytes), () =>
            {
                if (this[from, to].IsCut) lost();
                else arrive();
            });
        }
    }

    private TimeSpan TimeOf(Link link, int bytes)
    {
        var time = link.Delay.Ticks + (link.Jitter > TimeSpan.Zero ? (long)((UInt128)_random.Next() * (ulong)link.Jitter.Ticks >> 64) : 0);
        if (link.BytesPerSecond > 0) time += bytes * TimeSpan.TicksPerSecond / link.BytesPerSecond;
        return TimeSpan.FromTicks(time);
    }
}
