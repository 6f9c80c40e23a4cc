using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>One walk along a trail: what its records say so far, and what is wrong with the next. Nothing counts that is not signed with a key that the
/// records before it give to its writer.</summary>
internal sealed class KeyTrailWalk(Hash tavern, ISignatureVerifier verifier)
{
    private readonly HashSet<Hash> _shown = [];
    private readonly Dictionary<Hash, Voucher> _spawns = [];
    private readonly Dictionary<AgentId, ReadOnlyMemory<byte>> _firstKeys = []; // those that ids derive from
    private readonly Dictionary<AgentId, EventId> _accepted = [];
    private readonly List<KeyGrant> _grants = [];
    private Voucher? _founding;

    /// <summary>What was shown so far.</summary>
    public KeyTrail Trail => new([.. _grants], _accepted.ToImmutableDictionary());

    /// <summary>Takes the next excerpt; says what is wrong with it, null when it counts.</summary>
    public string? FlawOf(SignedExcerpt excerpt)
    {
        if (_founding is null) return FlawOfFounding(excerpt);
        if (!_shown.Add(excerpt.Hash)) return null;
        var id = excerpt.First.Id;
        var rekey = excerpt.Record is { } record ? Rekey.From(record) : null;
        if (rekey is { IsRecovery: true }) return FlawOfRecovery(excerpt, rekey);
        if (SignerOf(excerpt) is not { } key) return $"{id} is not signed with a key that the records before it give to its writer";
        var accepts = id.Sequence == 1 && _spawns.TryGetValue(excerpt.First.Previous, out var spawn) && spawn.Agent == id.Agent ? spawn.Event : (EventId?)null;
        if (accepts is { } parent && !_accepted.TryAdd(id.Agent, parent) && _accepted[id.Agent] != parent) return $"{id} accepts a second spawn of its writer";
        if (rekey is not null) return FlawOfGift(rekey, key);
        if (excerpt.Record is { } spawning && Voucher.From(spawning) is { } voucher) return FlawOfSpawn(excerpt, voucher);
        return accepts is null ? $"{id} says nothing about keys" : null;
    }

    /// <summary>Needs no signature: its hash is the tavern's id.</summary>
    private string? FlawOfFounding(SignedExcerpt excerpt)
    {
        if (excerpt.Hash != tavern || excerpt.Record is not { } record || Voucher.From(record) is not { } founding) return $"{excerpt.First.Id} does not found this tavern";
        (_founding, _firstKeys[founding.Agent]) = (founding, founding.PublicKey);
        _accepted[founding.Agent] = founding.Event;
        _shown.Add(excerpt.Hash);
        return null;
    }

    private string? FlawOfSpawn(SignedExcerpt excerpt, Voucher voucher)
    {
        if (excerpt.First.Previous.IsZero) return $"{excerpt.First.Id} founds another tavern";
        if (!_accepted.ContainsKey(voucher.Event.Agent)) return $"{voucher.Event} spawns {voucher.Agent}, but nothing shows who its writer's parent is";
        _spawns[excerpt.Hash] = voucher;
        _firstKeys.TryAdd(voucher.Agent, voucher.PublicKey);
        return null;
    }

    private string? FlawOfGift(Rekey rekey, ReadOnlyMemory<byte> key)
    {
        if (!IsAncestor(rekey.Event.Agent, rekey.Agent)) return $"{rekey.Event} gives {rekey.Agent} a key, but nothing shows that its writer is an ancestor of that agent";
        _grants.Add(new KeyGrant(rekey, key));
        return null;
    }

    private string? FlawOfRecovery(SignedExcerpt excerpt, Rekey recovery)
    {
        if (_founding!.Agent != recovery.Agent) return $"{recovery.Event} gives its own writer a key, which only the root can, with its recovery key";
        if (recovery.LastKnown.Epoch >= recovery.Event.Epoch || recovery.LastHash != excerpt.First.Previous) return $"{recovery.Event} does not follow the event that it names";
        if (_founding.RecoveryKey is not { } key || !excerpt.IsSignedBy(key.Span, tavern, verifier)) return $"{recovery.Event} is not signed with the tavern's recovery key";
        _grants.Add(new KeyGrant(recovery, key));
        return null;
    }

    /// <summary>The key that signed an excerpt: the newest that its writer had been given by that epoch, or its first one.</summary>
    private ReadOnlyMemory<byte>? SignerOf(SignedExcerpt excerpt)
    {
        var (agent, epoch) = (excerpt.First.Id.Agent, excerpt.First.Id.Epoch);
        var given = _grants.Where(grant => grant.Rekey.Agent == agent && grant.Rekey.After < epoch).MaxBy(grant => grant.Rekey.After);
        if (given is not null && excerpt.IsSignedBy(given.Rekey.PublicKey.Span, tavern, verifier)) return given.Rekey.PublicKey;
        if (_firstKeys.TryGetValue(agent, out var first) && excerpt.IsSignedBy(first.Span, tavern, verifier)) return first;
        return null;
    }

    private bool IsAncestor(AgentId ancestor, AgentId agent)
    {
        for (; _accepted.TryGetValue(agent, out var spawn) && spawn.Agent != agent; agent = spawn.Agent)
            if (spawn.Agent == ancestor) return true;
        return false;
    }
}
