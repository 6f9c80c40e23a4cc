using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Which events of a cut count. An event can lose its standing through another that comes later in canonical order: the
/// retirement or the new epoch of its writer, a fork of it, or the first record of an agent that accepts another spawn. Whatever the
/// order of delivery, the standing is decided by the whole cut. What lies above the fork point of a chain is not asked about: no fold is
/// given it.</summary>
internal sealed class Standing
{
    private readonly ImmutableSortedDictionary<ChainId, long> _limits;
    private readonly ImmutableSortedDictionary<AgentId, RetiredAt> _retired;
    private readonly ImmutableSortedSet<ChainId> _waiting;
    private readonly ImmutableSortedSet<EventId> _overruledSpawns;

    /// <param name="limits">Per chain that a new epoch followed, the last sequence that the new epoch carries over.</param>
    /// <param name="retired">Where retired agents end.</param>
    /// <param name="waiting">Chains of later epochs than a forked one that nobody who may has endorsed.</param>
    /// <param name="overruledSpawns">Spawns of agents that accept another one.</param>
    public Standing(
        ImmutableSortedDictionary<ChainId, long> limits,
        ImmutableSortedDictionary<AgentId, RetiredAt> retired,
        ImmutableSortedSet<ChainId> waiting,
        ImmutableSortedSet<EventId> overruledSpawns) =>
        (_limits, _retired, _waiting, _overruledSpawns) = (limits, retired, waiting, overruledSpawns);

    /// <summary>Everything counts.</summary>
    public static Standing All { get; } = new(
        ImmutableSortedDictionary<ChainId, long>.Empty, ImmutableSortedDictionary<AgentId, RetiredAt>.Empty, [], []);

    /// <summary>The rule under which an event does not count; null when it does.</summary>
    public string? RuleAgainst(EventId id)
    {
        if (_retired.Count > 0 && _retired.TryGetValue(id.Agent, out var end) && !end.Covers(id)) return RuleIds.RetireLate;
        if (_waiting.Count > 0 && _waiting.Contains(id.Chain.Main)) return RuleIds.EpochEndorsedAfterFork;
        return _limits.Count > 0 && _limits.TryGetValue(id.Chain.Main, out var limit) && id.Sequence > limit ? RuleIds.EpochSuperseded : null;
    }

    /// <summary>True when another spawn of the same agent is the one that it accepts.</summary>
    public bool IsOverruledSpawn(EventId spawn) => _overruledSpawns.Contains(spawn);

    /// <summary>The first event of each chain, and each spawn, whose standing differs between this and another; of a branch also places below its
    /// first event, which the line has that it leaves.</summary>
    public IEnumerable<EventId> Differences(Standing other, Func<AgentId, IEnumerable<ChainId>> chainsOf)
    {
        foreach (var spawn in _overruledSpawns.SymmetricExcept(other._overruledSpawns)) yield return spawn;
        var agents = _retired.Keys.Concat(other._retired.Keys).Concat(_limits.Keys.Concat(other._limits.Keys).Select(chain => chain.Agent));
        agents = agents.Concat(_waiting.SymmetricExcept(other._waiting).Select(chain => chain.Agent));
        foreach (var chain in agents.Distinct().SelectMany(chainsOf))
        {
            if (_waiting.Contains(chain.Main) != other._waiting.Contains(chain.Main)) yield return chain[1];
            if (Earlier(LimitOf(chain), other.LimitOf(chain)) is { } limit) yield return chain[limit];
            if (Earlier(EndOf(chain), other.EndOf(chain)) is { } end) yield return chain[end];
        }
    }

    /// <summary>The first sequence that only one of two ends allows; null when they are equal.</summary>
    private static long? Earlier(long last, long otherLast) => last == otherLast ? null : Math.Min(last, otherLast) + 1;

    private long LimitOf(ChainId chain) => _limits.TryGetValue(chain.Main, out var last) ? last : long.MaxValue;

    private long EndOf(ChainId chain) => _retired.TryGetValue(chain.Agent, out var end) ? end.LastOf(chain) : long.MaxValue;
}

/// <summary>Where a retired agent ends.</summary>
internal readonly record struct RetiredAt(int Epoch, long Last) : IComparable<RetiredAt>
{
    public bool Covers(EventId id) => id.Sequence <= LastOf(id.Chain);

    /// <summary>The last sequence of one of its chains that counts.</summary>
    public long LastOf(ChainId chain) => chain.Epoch < Epoch ? long.MaxValue : chain.Epoch == Epoch ? Last : 0;

    public int CompareTo(RetiredAt other)
    {
        var order = Epoch.CompareTo(other.Epoch);
        return order != 0 ? order : Last.CompareTo(other.Last);
    }
}
