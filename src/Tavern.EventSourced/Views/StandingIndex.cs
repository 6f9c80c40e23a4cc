using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Gathers the few events that decide which events count, in any order of delivery. Keeps them decoded: some 200 bytes per
/// agent, retirement, epoch and endorsement. One owner.</summary>
/// <param name="causality">Holds every event before it is added here.</param>
/// <param name="forks">Of the events added here.</param>
internal sealed class StandingIndex(CausalIndex causality, ForkPoints forks)
{
    private readonly List<Spawn> _spawns = [];
    private readonly HashSet<AgentId> _spawned = [];
    private readonly List<Retirement> _retirements = [];
    private readonly List<Epoch> _epochs = [];
    private readonly List<Endorsement> _endorsements = [];
    private readonly Dictionary<ChainId, FirstRecord> _firsts = [];
    private readonly HashSet<Hash> _recoveries = [];
    private readonly SortedDictionary<AgentId, List<ChainId>> _chains = [];
    private AgentId? _founder;
    private long _founderDepth;
    private bool _hasTwins;
    private bool _stale;
    private int _forksSeen;
    private Standing _standing = Standing.All;

    /// <summary>What counts among the events added so far.</summary>
    public Standing Standing
    {
        get
        {
            if ((_stale || _forksSeen != forks.Changes) && (_hasTwins || _retirements.Count + _epochs.Count + forks.Changes > 0)) _standing = Decide();
            (_stale, _forksSeen) = (false, forks.Changes);
            return _standing;
        }
    }

    /// <summary>The chains of an agent that have events, branch by branch.</summary>
    public IEnumerable<ChainId> ChainsOf(AgentId agent) => _chains.TryGetValue(agent, out var chains) ? chains : [];

    /// <summary>Adds a delivered event.</summary>
    public void Add(EventRecord record)
    {
        var id = record.Id;
        if (id.Sequence == 1 || (id.Branch > 0 && id.Sequence == causality.FirstOf(id.Chain)))
        {
            if (!_chains.TryGetValue(id.Agent, out var chains)) _chains.Add(id.Agent, chains = []);
            chains.Add(id.Chain);
            if (id.Sequence == 1) _firsts[id.Chain] = new FirstRecord(record.Hash, record.Header.Previous, Rekey.From(record) is { IsRecovery: true });
            _stale = true;
        }

        if (record.Header.Type is not (nameof(TavernFounded) or nameof(AgentSpawned) or nameof(AgentRekeyed) or nameof(AgentRetired)
            or nameof(EpochStarted) or nameof(EpochEndorsed))) return;
        if (!EventCatalogue.TryRead(record, out var body)) return;
        _stale = true;
        switch (body)
        {
            case TavernFounded founded when MembershipRules.IsFounding(record, founded) && (_founder is null || Depth(id) < _founderDepth):
                (_founder, _founderDepth) = (id.Agent, Depth(id));
                break;
            case AgentSpawned spawned when MembershipRules.HasItsKey(spawned):
                _hasTwins |= !_spawned.Add(spawned.Agent);
                _spawns.Add(new Spawn(spawned.Agent, id, Depth(id), record.Hash));
                break;
            case AgentRekeyed:
                if (Rekey.From(record) is not { IsRecovery: true } recovery) break;
                _recoveries.Add(record.Hash);
                _epochs.Add(new Epoch(id, recovery.LastKnown.Chain, recovery.LastKnown.Sequence));
                break;
            case EpochEndorsed endorsed:
                _endorsements.Add(new Endorsement(new ChainId(endorsed.Agent, endorsed.Epoch), id, endorsed.FirstHash));
                break;
            case AgentRetired retired:
                _retirements.Add(new Retirement(retired.Agent, id, EpochKnownAt(id, retired.Agent), Math.Max(0, retired.LastSequence)));
                break;
            case EpochStarted started when MembershipRules.IsFirstOfEpoch(record, started):
                _epochs.Add(new Epoch(id, new ChainId(id.Agent, started.PreviousEpoch), started.LastSequence));
                break;
        }
    }

    /// <summary>An index over the events of a cut.</summary>
    /// <param name="cut">The cut.</param>
    /// <param name="forksThere">Of the events of the cut.</param>
    public StandingIndex At(VectorClock cut, ForkPoints forksThere)
    {
        var at = new StandingIndex(causality, forksThere) { _founder = _founder, _founderDepth = _founderDepth, _stale = true };
        foreach (var (agent, chains) in _chains)
        {
            List<ChainId> held = [.. chains.Where(chain => cut[chain] > 0)];
            if (held.Count > 0) at._chains.Add(agent, held);
            foreach (var chain in held)
                if (_firsts.TryGetValue(chain, out var first)) at._firsts.Add(chain, first);
        }

        foreach (var spawn in _spawns.Where(spawn => cut.Covers(spawn.Event)))
        {
            at._hasTwins |= !at._spawned.Add(spawn.Agent);
            at._spawns.Add(spawn);
        }

        at._retirements.AddRange(_retirements.Where(retirement => cut.Covers(retirement.Event)));
        at._epochs.AddRange(_epochs.Where(epoch => cut.Covers(epoch.Event)));
        at._endorsements.AddRange(_endorsements.Where(endorsement => cut.Covers(endorsement.Event)));
        at._recoveries.UnionWith(_recoveries);
        return at;
    }

    /// <summary>From the root downwards, since an agent's end is decided by its ancestors' events and then by its own.</summary>
    private Standing Decide()
    {
        var (accepted, overruled) = ChooseSpawns();
        var tree = TreeOf(accepted.Values);
        var limits = ImmutableSortedDictionary.CreateBuilder<ChainId, long>();
        var retired = ImmutableSortedDictionary.CreateBuilder<AgentId, RetiredAt>();

        var waiting = ImmutableSortedSet.CreateBuilder<ChainId>();

        var affected = _retirements.Select(retirement => retirement.Agent).Concat(_epochs.Select(epoch => epoch.Event.Agent))
            .Concat(forks.LastShared.Select(last => last.Agent));
        foreach (var agent in affected.Distinct().OrderBy(tree.DepthOf).ThenBy(agent => agent))
        {
            foreach (var retirement in _retirements)
                if (retirement.Agent == agent && tree.IsAncestor(retirement.Event.Agent, agent) && Counts(retirement.Event))
                    End(agent, new RetiredAt(retirement.Epoch, retirement.Last));
            if (forks.LastShared.FirstOrDefault(last => last.Agent == agent) is { Epoch: > 0 and var forked })
                waiting.UnionWith(ChainsOf(agent).Select(chain => chain.Main).Where(chain => chain.Epoch > forked && !IsEndorsed(chain)));
            // The newest first: an epoch that a newer one gave up cannot end the one before it.
            foreach (var epoch in _epochs.OrderByDescending(epoch => epoch.Event.Epoch))
                if (epoch.Event.Agent == agent && Counts(epoch.Event))
                    limits[epoch.Previous] = Math.Min(epoch.Last, limits.GetValueOrDefault(epoch.Previous, long.MaxValue));
            // Its own retirement ends an agent at that very event or later: nobody takes back what it said.
            foreach (var retirement in _retirements)
                if (retirement.Agent == agent && retirement.Event.Agent == agent && Counts(retirement.Event))
                    End(agent, retirement.ByItself);
        }

        return new Standing(limits.ToImmutable(), retired.ToImmutable(), waiting.ToImmutable(), overruled);

        void End(AgentId agent, RetiredAt end)
        {
            if (!retired.TryGetValue(agent, out var earlier) || end.CompareTo(earlier) < 0) retired[agent] = end;
        }

        // Nobody is above the root. It begins its epoch with the recovery key that only the holder of the tavern has.
        bool IsEndorsed(ChainId epoch)
        {
            if (FirstOf(epoch) is not { } first) return false;
            return epoch.Agent == _founder
                ? first.IsRecovery || _recoveries.Contains(first.Previous)
                : _endorsements.Exists(endorsement => endorsement.Epoch == epoch && endorsement.FirstHash == first.Hash
                    && tree.IsAncestor(endorsement.Event.Agent, epoch.Agent) && Counts(endorsement.Event));
        }

        bool Counts(EventId id)
        {
            if (!tree.Contains(id.Agent) || !CountsByItself(id)) return false;
            for (var writer = id.Agent; writer != _founder; writer = accepted[writer].Event.Agent)
                if (!accepted.TryGetValue(writer, out var spawn) || !CountsByItself(spawn.Event)) return false;
            return true;
        }

        bool CountsByItself(EventId id) =>
            (!retired.TryGetValue(id.Agent, out var end) || end.Covers(id))
            && id.Sequence <= limits.GetValueOrDefault(id.Chain.Main, long.MaxValue)
            && !waiting.Contains(id.Chain.Main) && !forks.IsQuarantined(id);
    }

    /// <summary>Per agent the spawn that its first record names, else the first in canonical order.</summary>
    private (Dictionary<AgentId, Spawn> Accepted, ImmutableSortedSet<EventId> Overruled) ChooseSpawns()
    {
        var chosen = new Dictionary<AgentId, Spawn>();
        var overruled = ImmutableSortedSet.CreateBuilder<EventId>();
        foreach (var spawn in _spawns.OrderBy(spawn => spawn.Depth).ThenBy(spawn => spawn.Event))
        {
            if (spawn.Agent == _founder || forks.IsQuarantined(spawn.Event)) continue;
            if (!chosen.TryGetValue(spawn.Agent, out var other))
            {
                chosen.Add(spawn.Agent, spawn);
                continue;
            }

            var prefersThis = FirstOf(new ChainId(spawn.Agent, 1)) is { Previous: var hash } && hash == spawn.Hash && hash != other.Hash;
            if (prefersThis) chosen[spawn.Agent] = spawn;
            overruled.Add(prefersThis ? other.Event : spawn.Event);
        }

        return (chosen, overruled.ToImmutable());
    }

    private SpawnTree TreeOf(IEnumerable<Spawn> spawns)
    {
        if (_founder is not { } founder) return SpawnTree.Empty;
        var tree = SpawnTree.Empty.WithRoot(founder);
        foreach (var spawn in spawns.OrderBy(spawn => spawn.Depth).ThenBy(spawn => spawn.Event))
            if (tree.Contains(spawn.Event.Agent) && !tree.Contains(spawn.Agent)) tree = tree.With(spawn.Agent, spawn.Event.Agent);
        return tree;
    }

    /// <summary>The first record of a chain; null when there is none, or several.</summary>
    private FirstRecord? FirstOf(ChainId chain)
    {
        FirstRecord? only = null;
        foreach (var line in ChainsOf(chain.Agent))
            if (line.Main == chain && !forks.IsQuarantined(line[1]) && _firsts.TryGetValue(line, out var first)) only = first;
        return only;
    }

    private long Depth(EventId id) => causality.DepthOf(id);

    /// <summary>The newest epoch of an agent that an event's writer knew, at least 1: what a retirement refers to.</summary>
    private int EpochKnownAt(EventId id, AgentId agent) =>
        ChainsOf(agent).Where(chain => causality.KnownAt(id, chain) > 0).Select(chain => chain.Epoch).DefaultIfEmpty(1).Max();

    private sealed record Spawn(AgentId Agent, EventId Event, long Depth, Hash Hash);

    private sealed record Retirement(AgentId Agent, EventId Event, int Epoch, long Last)
    {
        public RetiredAt ByItself => new(Event.Epoch, Epoch == Event.Epoch ? Math.Max(Event.Sequence, Last) : Event.Sequence);
    }

    /// <summary>The first record of a chain.</summary>
    private sealed record FirstRecord(Hash Hash, Hash Previous, bool IsRecovery);

    private sealed record Endorsement(ChainId Epoch, EventId Event, Hash FirstHash);

    private sealed record Epoch(EventId Event, ChainId Previous, long Last);
}
