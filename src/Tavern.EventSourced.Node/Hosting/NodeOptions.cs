using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Settings of a node. Checked once, at start.</summary>
public sealed record NodeOptions
{
    /// <summary>The folder that holds tavern.json and the store.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The folder that holds the agents' private keys.</summary>
    public required string KeysFolder { get; init; }

    /// <summary>Where the gossip listener listens: <c>https</c> at any address of this machine, <c>http</c> at a loopback address. With port 0
    /// the one the node had last time if it is free, else any. Default: plain HTTP on loopback.</summary>
    public Uri GossipListen { get; init; } = new("http://127.0.0.1:0");

    /// <summary>Where other nodes reach the gossip listener: what its agents announce and invitations name. Its host may be a name. Default: where
    /// it listens, which must then be one address, not all of the machine's.</summary>
    public Uri? GossipAdvertise { get; init; }

    /// <summary>Where the API listens. Default: any port on loopback.</summary>
    public Uri ApiListen { get; init; } = new("http://127.0.0.1:0");

    /// <summary>Settings of the engines.</summary>
    public GossipOptions Gossip { get; init; } = new();

    /// <summary>Rounds of gossip that all agents of the node may start per second together; they take turns. Default 400: some tenth of
    /// what a core can do, and more than one agent alone ever starts.</summary>
    public int RoundsPerSecondMax { get; init; } = 400;

    /// <summary>The clock and the timers. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Seed of the engines' random choices; drawn anew at each start by default.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Appends that may wait for a commit; more are refused. Default 4096: about a second of a slow disk's group commits.</summary>
    public int AppendQueueMax { get; init; } = 4096;

    /// <summary>Bytes of payload that may wait for a commit; more are refused. Default 32 MiB.</summary>
    public int AppendQueueBytesMax { get; init; } = 32 * 1024 * 1024;

    /// <summary>Longest time an append waits for the store before its caller is told. Default 10 s.</summary>
    public TimeSpan AppendWaitMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of memory for recently used segments. Default 8 MiB: some 6,000 small ones, about a minute of busy writing; a peer
    /// that is further behind is sent what is on disk.</summary>
    public int SegmentCacheBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Events that a question of another node about an older cut may make this one fold again; more are not answered. A question
    /// costs its asker nothing, and readers here wait meanwhile. Default 10,000: some 20 ms.</summary>
    public int PeersFoldMax { get; init; } = 10_000;

    /// <summary>At a start, wait for another agent to say how far it has heard ours, however long that takes, instead of beginning a new
    /// epoch when none answers. Default: false.</summary>
    public bool WaitForPeers { get; init; }

    /// <summary>Told what people should know: that an agent begins a new epoch, and why; that the store does not answer. Default: nobody.</summary>
    public Action<string> Tell { get; init; } = _ => { };

    /// <summary>Agents that the node may host when it listens with https. Default: as many as a proof holds; fewer in tests.</summary>
    internal int ProvenHostedMax { get; init; } = TooManyHostedException.HostedMax;

    /// <summary>Told that the store went back to an older state. The node writes nothing from then on: whoever is told stops it and starts another on
    /// the same folder, which begins a new epoch. Default: null, the process ends.</summary>
    public Action<StoreRolledBackException>? RolledBack { get; init; }

    /// <summary>Told that another process took the store over. The node writes nothing from then on: whoever is told stops it. Default: null, the
    /// process ends.</summary>
    public Action<StoreFencedException>? Fenced { get; init; }

    /// <summary>Told that a hosted agent's invitation was used elsewhere before. The agent writes nothing here: whoever is told stops the node. Default: null, the
    /// process ends.</summary>
    public Action<string>? TurnedAway { get; init; }

    /// <summary>Makes the transport for a listen address; HTTP/2 by default.</summary>
    internal Func<Uri, ITransport>? Transport { get; init; }

    /// <summary>Wraps the store, so that tests can watch it or make it fail.</summary>
    internal Func<IEventStore, IEventStore>? Store { get; init; }

    /// <summary>Ends the process with a message for its error output. Must not be survived outside tests.</summary>
    internal Action<string, Exception?> EndProcess { get; init; } = Environment.FailFast;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">One is missing or out of range.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(DataFolder);
        ArgumentException.ThrowIfNullOrWhiteSpace(KeysFolder);
        if (ListenAddress.FlawOf(GossipListen, GossipAdvertise) is { } flaw) throw new ArgumentException(flaw, nameof(GossipListen));
        ArgumentOutOfRangeException.ThrowIfLessThan(RoundsPerSecondMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendQueueMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendQueueBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AppendWaitMax, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentCacheBytesMax, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(PeersFoldMax, 0);
        Gossip.Validate();
    }
}
