using System.Diagnostics.CodeAnalysis;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The agents this one may call, and whom to call next: a walk through a shuffled permutation, so that everybody's turn
/// comes within a bounded number of rounds (SWIM, Das 2002), but four times in five the next in it that is not known to have
/// all that this agent has. Retired agents are not called; they may call.</summary>
internal sealed class PeerTable(SplitMix64 random, SegmentIndex index)
{
    private readonly SortedDictionary<AgentId, Peer> _peers = [];
    private readonly List<Peer> _order = [];
    private int _cursor;

    /// <summary>All, by id.</summary>
    public IEnumerable<Peer> All => _peers.Values;

    /// <summary>Finds a peer.</summary>
    public bool TryGet(AgentId id, [NotNullWhen(true)] out Peer? peer) => _peers.TryGetValue(id, out peer);

    /// <summary>Adds a peer at a random place; one that is known already stays where it is.</summary>
    public void Add(AgentId id)
    {
        if (_peers.ContainsKey(id)) return;
        var peer = new Peer(id);
        _peers.Add(id, peer);
        _order.Insert(random.Below(_order.Count + 1), peer);
    }

    /// <summary>Chooses whom to call; null when nobody can be called now.</summary>
    /// <param name="now">Elapsed time.</param>
    /// <param name="logLength">Who has confirmed less than this is preferred.</param>
    public Peer? Choose(TimeSpan now, long logLength)
    {
        if (random.Below(5) < 4)
        {
            for (var i = 0; i < _order.Count; i++)
            {
                var peer = _order[(_cursor + i) % _order.Count];
                if (peer.Confirmed < logLength && MayCall(peer, now)) return peer;
            }
        }

        for (var i = 0; i < _order.Count; i++)
        {
            if (_cursor >= _order.Count)
            {
                random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_order));
                _cursor = 0;
            }

            var peer = _order[_cursor++];
            if (MayCall(peer, now)) return peer;
        }

        return null;
    }

    private bool MayCall(Peer peer, TimeSpan now) => !peer.IsBusy && !peer.IsPaused && peer.NextAttempt <= now && !index.IsRetired(peer.Id);
}
