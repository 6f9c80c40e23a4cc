using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The agents this one may call, and whom to call next. Of every eight choices one is for somebody suspected or dead and one for a
/// seed on another node, each in turn, or a partition would never heal. The others go through a shuffled permutation of those alive, so that everybody's
/// turn comes within a bounded number of rounds (SWIM, Das 2002), four times in five to the next in it that is not known to have all that
/// this agent has. Retired agents are not called; they may call. An agent that nothing was heard from yet costs 4 bytes here.</summary>
internal sealed class PeerTable
{
    private const int ChoicesPerCycle = 8;
    private const int SilentChoice = 0; // of a cycle: the last of it
    private const int SeedChoice = 4;

    private readonly SplitMix64 _random;
    private readonly SegmentIndex _index;
    private readonly AgentId _self;
    private readonly NodeShare _node;
    private readonly ImmutableArray<AgentId> _seeds; // sorted; numbers 0, 1, 2, ...
    private readonly int _firstSeed; // where turns of seeds begin, or all agents would begin with the same
    private readonly List<AgentId> _later = []; // the next numbers
    private readonly Dictionary<AgentId, int> _laterNumbers = [];
    private readonly Dictionary<int, Peer> _met = []; // of whom something is remembered
    private readonly List<int> _order = [];
    private int _cursor;
    private long _choices;
    private AgentId? _nearer;

    /// <summary>Starts with the seeds, which may name the agent itself.</summary>
    public PeerTable(SplitMix64 random, SegmentIndex index, AgentId self, ImmutableArray<AgentId> seeds, NodeShare node)
    {
        (_random, _index, _self, _node) = (random, index, self, node);
        _seeds = IsAscending(seeds) ? seeds : [.. seeds.Distinct().Order()]; // engines that were given the same array share it
        for (var number = 0; number < _seeds.Length; number++)
            if (_seeds[number] != self) _order.Add(number);
        random.Shuffle(CollectionsMarshal.AsSpan(_order));
        _firstSeed = _seeds.IsEmpty ? 0 : random.Below(_seeds.Length);
    }

    /// <summary>True to see that tests notice when nobody silent is called.</summary>
    public bool OnlyAlive { private get; init; }

    /// <summary>Who may be called, by id.</summary>
    public IEnumerable<AgentId> Ids => _order.Select(IdOf).Order();

    /// <summary>All, by id.</summary>
    public IEnumerable<Peer> All => _order.OrderBy(IdOf).Select(PeerOf);

    /// <summary>How many there are.</summary>
    public int Count => _order.Count;

    /// <summary>True for a seed.</summary>
    public bool IsSeed(AgentId id) => _seeds.BinarySearch(id) >= 0;

    /// <summary>Finds a peer.</summary>
    public bool TryGet(AgentId id, [NotNullWhen(true)] out Peer? peer)
    {
        peer = NumberOf(id) is { } number ? PeerOf(number) : null;
        return peer is not null;
    }

    /// <summary>Adds a peer at a random place; one that is known already stays where it is, and so does the agent itself.</summary>
    public void Add(AgentId id)
    {
        if (id == _self || NumberOf(id) is not null) return;
        var number = _seeds.Length + _later.Count;
        _later.Add(id);
        _laterNumbers.Add(id, number);
        _order.Insert(_random.Below(_order.Count + 1), number);
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
        var number = (_choices % ChoicesPerCycle) switch
        {
            SilentChoice when _met.Values.Any(peer => peer.Health.Liveness is not Liveness.Alive) => LongestNotChosen(_order, peer => !IsAlive(peer) && MayCall(peer, now)),
            SeedChoice => LongestNotChosen(SeedsElsewhere(), peer => MayCall(peer, now)),
            _ => null,
        } ?? ChooseAlive(now, logLength) ?? LongestNotChosen(_order, peer => MayCall(peer, now));
        if (number is not { } chosen) return null;
        var peer = PeerOf(chosen);
        peer.ChosenAt = _choices;
        return peer;
    }

    /// <summary>Peers that may be asked to try another one, at most <paramref name="max"/>, at random: on other nodes, alive,
    /// and without failures lately.</summary>
    public IReadOnlyList<Peer> Helpers(Peer target, int max, TimeSpan now)
    {
        List<int> helpers = [.. _order.Where(number => IdOf(number) != target.Id && !_node.Hosts(IdOf(number)) && Met(number) is null or { FailuresInARow: 0 } && IsAlive(number) && MayBeAsked(number, now))];
        _random.Shuffle(CollectionsMarshal.AsSpan(helpers));
        return [.. helpers.Take(max).Select(PeerOf)];
    }

    private Peer? TakeNearer(TimeSpan now)
    {
        if (_nearer is not { } id) return null;
        _nearer = null;
        return NumberOf(id) is { } number && MayCall(number, now) ? PeerOf(number) : null;
    }

    private int? ChooseAlive(TimeSpan now, long logLength)
    {
        if (_random.Below(5) < 4)
        {
            for (var i = 0; i < _order.Count; i++)
            {
                var number = _order[(_cursor + i) % _order.Count];
                if ((Met(number)?.Confirmed ?? 0) < logLength && IsAlive(number) && MayCall(number, now)) return number;
            }
        }

        for (var i = 0; i < 2 * _order.Count; i++) // what is left of this permutation, and all of the next
        {
            if (_cursor >= _order.Count)
            {
                _random.Shuffle(CollectionsMarshal.AsSpan(_order));
                _cursor = 0;
            }

            var number = _order[_cursor++];
            if (IsAlive(number) && MayCall(number, now)) return number;
        }

        return null;
    }

    private IEnumerable<int> SeedsElsewhere()
    {
        for (var i = 0; i < _seeds.Length; i++)
        {
            var number = (_firstSeed + i) % _seeds.Length;
            if (_seeds[number] != _self && !_node.Hosts(_seeds[number])) yield return number;
        }
    }

    private int? LongestNotChosen(IEnumerable<int> numbers, Func<int, bool> may)
    {
        var (longest, at) = (default(int?), long.MaxValue);
        foreach (var number in numbers)
        {
            var chosenAt = Met(number)?.ChosenAt ?? 0;
            if (chosenAt < at && may(number)) (longest, at) = (number, chosenAt);
        }

        return longest;
    }

    private bool IsAlive(int number) => Met(number) is null or { Health.Liveness: Liveness.Alive };

    private bool MayCall(int number, TimeSpan now) => Met(number) is null or { IsBusy: false } && MayBeAsked(number, now);

    private bool MayBeAsked(int number, TimeSpan now) =>
        (!OnlyAlive || IsAlive(number)) && (Met(number) is not { } peer || (!peer.IsPaused && peer.NextAttempt <= now)) && !_index.IsRetired(IdOf(number));

    private Peer? Met(int number) => _met.GetValueOrDefault(number);

    private Peer PeerOf(int number)
    {
        if (!_met.TryGetValue(number, out var peer)) _met.Add(number, peer = new Peer(IdOf(number)));
        return peer;
    }

    private AgentId IdOf(int number) => number < _seeds.Length ? _seeds[number] : _later[number - _seeds.Length];

    private int? NumberOf(AgentId id)
    {
        if (id == _self) return null;
        var place = _seeds.BinarySearch(id);
        return place >= 0 ? place : _laterNumbers.TryGetValue(id, out var number) ? number : null;
    }

    private static bool IsAscending(ImmutableArray<AgentId> ids)
    {
        for (var i = 1; i < ids.Length; i++)
            if (ids[i - 1].CompareTo(ids[i]) >= 0) return false;
        return true;
    }
}
