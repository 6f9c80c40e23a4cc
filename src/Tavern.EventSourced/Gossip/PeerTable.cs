using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The agents this one may call, and whom to call next. Of every eight choices one is for somebody suspected or dead and one for a
/// seed on another node, each in turn, or a partition would never heal. The others go through a shuffled permutation of those alive, so that everybody's
/// turn comes within a bounded number of rounds (SWIM, Das 2002), four times in five to the next in it that is not known to have all that
/// this agent has. Retired agents are not called; they may call.</summary>
internal sealed class PeerTable(SplitMix64 random, SegmentIndex index, ImmutableArray<AgentId> seeds, NodeShare node)
{
    private const int ChoicesPerCycle = 8;
    private const int SilentChoice = 0; // of a cycle: the last of it
    private const int SeedChoice = 4;

    private readonly SortedDictionary<AgentId, Peer> _peers = [];
    private readonly List<Peer> _order = [];
    private int _cursor;
    private long _choices;
    private AgentId? _nearer;

    /// <summary>True to see that tests notice when nobody silent is called.</summary>
    public bool OnlyAlive { private get; init; }

    /// <summary>All, by id.</summary>
    public IEnumerable<Peer> All => _peers.Values;

    /// <summary>How many there are.</summary>
    public int Count => _peers.Count;

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

    /// <summary>An agent of the same node has what others offered: it is chosen next.</summary>
    public void Prefer(AgentId nearer) => _nearer = nearer;

    /// <summary>Chooses whom to call; null when nobody can be called now.</summary>
    /// <param name="now">Elapsed time.</param>
    /// <param name="logLength">Who has confirmed less than this is preferred.</param>
    public Peer? Choose(TimeSpan now, long logLength)
    {
        if (TakeNearer(now) is { } nearer) return nearer;
        _choices++;
        var chosen = (_choices % ChoicesPerCycle) switch
        {
            SilentChoice => LongestNotChosen(_order, peer => peer.Health.Liveness is not Liveness.Alive && MayCall(peer, now)),
            SeedChoice => LongestNotChosen(seeds.Select(seed => _peers.GetValueOrDefault(seed)).OfType<Peer>(), peer => !node.Hosts(peer.Id) && MayCall(peer, now)),
            _ => null,
        } ?? ChooseAlive(now, logLength) ?? LongestNotChosen(_order, peer => MayCall(peer, now));
        if (chosen is not null) chosen.ChosenAt = _choices;
        return chosen;
    }

    /// <summary>Peers that may be asked to try another one, at most <paramref name="max"/>, at random: on other nodes, alive,
    /// and without failures lately.</summary>
    public IReadOnlyList<Peer> Helpers(Peer target, int max, TimeSpan now)
    {
        List<Peer> helpers = [.. _order.Where(peer => peer != target && !node.Hosts(peer.Id) && peer is { FailuresInARow: 0, Health.Liveness: Liveness.Alive } && MayBeAsked(peer, now))];
        random.Shuffle(CollectionsMarshal.AsSpan(helpers));
        return [.. helpers.Take(max)];
    }

    private Peer? TakeNearer(TimeSpan now)
    {
        if (_nearer is not { } id) return null;
        _nearer = null;
        return _peers.TryGetValue(id, out var peer) && MayCall(peer, now) ? peer : null;
    }

    private Peer? ChooseAlive(TimeSpan now, long logLength)
    {
        if (random.Below(5) < 4)
        {
            for (var i = 0; i < _order.Count; i++)
            {
                var peer = _order[(_cursor + i) % _order.Count];
                if (peer.Confirmed < logLength && MayCallAlive(peer, now)) return peer;
            }
        }

        for (var i = 0; i < 2 * _order.Count; i++) // what is left of this permutation, and all of the next
        {
            if (_cursor >= _order.Count)
            {
                random.Shuffle(CollectionsMarshal.AsSpan(_order));
                _cursor = 0;
            }

            var peer = _order[_cursor++];
            if (MayCallAlive(peer, now)) return peer;
        }

        return null;
    }

    private static Peer? LongestNotChosen(IEnumerable<Peer> peers, Func<Peer, bool> may) => peers.Where(may).MinBy(peer => peer.ChosenAt);

    private bool MayCallAlive(Peer peer, TimeSpan now) => peer.Health.Liveness is Liveness.Alive && MayCall(peer, now);

    private bool MayCall(Peer peer, TimeSpan now) => !peer.IsBusy && MayBeAsked(peer, now);

    private bool MayBeAsked(Peer peer, TimeSpan now) => (!OnlyAlive || peer.Health.Liveness is Liveness.Alive) && !peer.IsPaused && peer.NextAttempt <= now && !index.IsRetired(peer.Id);
}
