using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>An exchange that this agent started and that is under way.</summary>
internal sealed class Exchange(ulong id, Peer peer, TimeSpan startedAt, long position, UInt128 fingerprint, ClockPage? page, ulong nonce)
{
    /// <summary>Unique per agent and incarnation.</summary>
    public ulong Id { get; } = id;

    /// <summary>Its name among the exchanges of both sides.</summary>
    public ExchangeKey Key => new(Peer.Id, Id, StartedHere: true);

    /// <summary>With whom.</summary>
    public Peer Peer { get; } = peer;

    /// <summary>Start of the call under way.</summary>
    public TimeSpan CalledAt { get; set; } = startedAt;

    /// <summary>Position of the own log that the Syn stated.</summary>
    public long Position { get; } = position;

    /// <summary>Fingerprint at that position.</summary>
    public UInt128 Fingerprint { get; } = fingerprint;

    /// <summary>The page of the full clock that the Syn carried, if any.</summary>
    public ClockPage? Page { get; } = page;

    /// <summary>Not 0 when a comparison by hash was asked for.</summary>
    public ulong Nonce { get; } = nonce;

    /// <summary>SHA-256 over the own clock as of the Syn, when a comparison by hash was asked for.</summary>
    public ImmutableArray<ClockClaim> Clock { get; init; } = [];

    /// <summary>Claims as of the Syn for chains that have moved since.</summary>
    public Dictionary<ChainId, ImmutableArray<ClockClaim>> Before { get; } = [];

    /// <summary>What the peer asked for and did not get yet.</summary>
    public ImmutableArray<Want> Theirs { get; set; } = [];

    /// <summary>Bytes of that the peer has room for at a time; 0 when it did not say.</summary>
    public int Room { get; set; }

    /// <summary>What the peer claims to have and this agent may still ask for.</summary>
    public List<ClockClaim> Ahead { get; } = [];

    /// <summary>True once records went either way: the exchange was of use.</summary>
    public bool Moved { get; set; }
}
