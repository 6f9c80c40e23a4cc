using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>Who may begin a chain, and with which key: decided by the chain's first record and by events in its causal past alone, so
/// that everybody decides alike. One owner; not safe for concurrent use.</summary>
/// <param name="find">The held record of an agent, epoch and sequence with this hash, in its branch; null when it is not held.</param>
/// <param name="rootOf">The branch that holds the first record of the line that a branch is on.</param>
public sealed class ChainOrigins(Func<EventId, Hash, EventId?> find, Func<ChainId, ChainId> rootOf)
{
    private readonly Dictionary<Hash, Voucher> _vouchers = [];
    private readonly Dictionary<Hash, Rekey> _rekeys = [];
    private readonly Dictionary<EventId, ReadOnlyMemory<byte>> _recoveryKeys = []; // by the event that founds the tavern
    private readonly Dictionary<ChainId, ChainOrigin> _origins = [];

    /// <summary>Takes note of a record that is held now, after all that it depends on.</summary>
    public void Add(EventRecord record)
    {
        if (Voucher.From(record) is { } voucher)
        {
            _vouchers.TryAdd(record.Hash, voucher);
            if (voucher.RecoveryKey is { } recovery) _recoveryKeys.TryAdd(record.Id, recovery);
        }
        else if (Rekey.From(record) is { } rekey) _rekeys.TryAdd(record.Hash, rekey);
        if (record.Id.Sequence == 1 && Find(record) is OriginFinding.Found(var origin)) _origins.TryAdd(record.Id.Chain, origin);
    }

    /// <summary>True when a chain's first record may name this hash: the record is held, and vouches for an agent or gives it a key.</summary>
    public bool Vouches(Hash record) => _vouchers.ContainsKey(record) || _rekeys.ContainsKey(record);

    /// <summary>The origin of a chain whose first record is held.</summary>
    public ChainOrigin? Of(ChainId chain) => _origins.GetValueOrDefault(rootOf(chain));

    /// <summary>The events that give an agent this key, with their hashes.</summary>
    public IEnumerable<(Hash Hash, Rekey Rekey)> RekeysOf(AgentId agent, ReadOnlyMemory<byte> key) =>
        _rekeys.Where(pair => pair.Value.Agent == agent && pair.Value.PublicKey.Span.SequenceEqual(key.Span)).Select(pair => (pair.Key, pair.Value));

    /// <summary>True when a held event may give its key: an ancestor's, by the line of records that it names one of; or the root's own recovery, whose chain
    /// is held.</summary>
    public bool Gives(Rekey rekey) => rekey.IsRecovery
        ? Of(rekey.Event.Chain) is not null
        : find(rekey.LastKnown, rekey.LastHash) is { } known && IsAbove(rekey.Event.Agent, known.Chain);

    /// <summary>The origin of a chain with this first record.</summary>
    public OriginFinding Find(EventRecord first)
    {
        var (id, previous) = (first.Id, first.Header.Previous);
        if (previous.IsZero)
            return id is { Epoch: 1, Sequence: 1 } && Voucher.From(first) is { } founding
                ? new OriginFinding.Found(new ChainOrigin([], id, founding.PublicKey))
                : new OriginFinding.Refused($"Record {id} does not found a tavern.");
        if (Rekey.From(first) is { IsRecovery: true } recovery) return FindRecovery(recovery, first);
        if (_rekeys.TryGetValue(previous, out var own) && own.IsRecovery) return FindRecovered(own, first); // also when the payload names it as the last recovered event
        if (LastRecovered(first) is { } last) return FindAfter(last, first); // first: the last recovered event may itself vouch for somebody else
        if (_vouchers.TryGetValue(previous, out var voucher))
            return voucher.Agent == id.Agent
                ? new OriginFinding.Found(new ChainOrigin([voucher.Event], voucher.Event, voucher.PublicKey))
                : new OriginFinding.Refused($"Record {id} names {voucher.Event} as the event that vouches for its writer, but that one vouches for {voucher.Agent}.");
        if (id.Epoch == 1) return new OriginFinding.Missing(null, previous);
        return _rekeys.TryGetValue(previous, out var rekey) ? FindAfter(rekey, first) : new OriginFinding.Missing(null, previous);
    }

    /// <summary>The last event of the epoch before that a new epoch says it has recovered; null when it says none, or another than the one
    /// its previous hash names.</summary>
    private static EventId? LastRecovered(EventRecord first) =>
        first.Id.Epoch > 1 && first.Header.Type == nameof(EpochStarted) && EventCatalogue.TryRead(first, out var body) && body is EpochStarted { LastSequence: >= 1 } started
        && started.PreviousEpoch >= 1 && started.PreviousEpoch < first.Id.Epoch && started.LastHash == first.Header.Previous
            ? new EventId(first.Id.Agent, started.PreviousEpoch, started.LastSequence)
            : null;

    /// <summary>The same key goes on.</summary>
    private OriginFinding FindAfter(EventId last, EventRecord first)
    {
        return find(last, first.Header.Previous) is { } held && Of(held.Chain) is { } before
            ? new OriginFinding.Found(before with { Needs = [held] })
            : new OriginFinding.Missing(last, first.Header.Previous);
    }

    /// <summary>Nobody is above the root: its recovery key begins an epoch with the record that gives it a new key.</summary>
    private OriginFinding FindRecovery(Rekey recovery, EventRecord first)
    {
        if (recovery.LastHash != first.Header.Previous)
            return new OriginFinding.Refused($"Record {first.Id} gives its writer a key and names {recovery.LastKnown} as the event it follows, but its previous hash is another's.");
        if (recovery.LastKnown.Epoch >= first.Id.Epoch)
            return new OriginFinding.Refused($"Record {first.Id} is in epoch {first.Id.Epoch}, but it knew epoch {recovery.LastKnown.Epoch} already.");
        if (find(recovery.LastKnown, recovery.LastHash) is not { } known || Of(known.Chain) is not { } before)
            return new OriginFinding.Missing(recovery.LastKnown, recovery.LastHash);
        return _recoveryKeys.TryGetValue(before.Spawn, out var key) && before.Spawn.Agent == first.Id.Agent
            ? new OriginFinding.Found(new ChainOrigin([known], before.Spawn, key))
            : new OriginFinding.Refused($"{first.Id} gives its own writer a key, which only the root can, with its recovery key.");
    }

    /// <summary>The new key that the root was given with its recovery key.</summary>
    private OriginFinding FindRecovered(Rekey recovery, EventRecord first)
    {
        if (recovery.Agent != first.Id.Agent)
            return new OriginFinding.Refused($"Record {first.Id} names {recovery.Event} as the event that gives its writer a key, but that one is about {recovery.Agent}.");
        if (recovery.Event.Epoch >= first.Id.Epoch)
            return new OriginFinding.Refused($"Record {first.Id} is in epoch {first.Id.Epoch}, but {recovery.Event}, which gives its writer a key, is in epoch {recovery.Event.Epoch}.");
        return Of(recovery.Event.Chain) is { } before
            ? new OriginFinding.Found(new ChainOrigin([recovery.Event], before.Spawn, recovery.PublicKey))
            : new OriginFinding.Missing(recovery.Event, first.Header.Previous);
    }

    /// <summary>A new key, from an ancestor: the spawns lead from the agent's old chain, which it signed itself, up to the writer.</summary>
    private OriginFinding FindAfter(Rekey rekey, EventRecord first)
    {
        if (rekey.Agent != first.Id.Agent)
            return new OriginFinding.Refused($"Record {first.Id} names {rekey.Event} as the event that gives its writer a key, but that one is about {rekey.Agent}.");
        if (rekey.LastKnown.Epoch >= first.Id.Epoch)
            return new OriginFinding.Refused($"Record {first.Id} is in epoch {first.Id.Epoch}, but {rekey.Event}, which gives its writer a key, knew epoch {rekey.LastKnown.Epoch} already.");
        if (find(rekey.LastKnown, rekey.LastHash) is not { } known) return new OriginFinding.Missing(rekey.LastKnown, rekey.LastHash);
        return IsAbove(rekey.Event.Agent, known.Chain)
            ? new OriginFinding.Found(new ChainOrigin([rekey.Event, known], Of(known.Chain)!.Spawn, rekey.PublicKey))
            : new OriginFinding.Refused($"{rekey.Event} gives {rekey.Agent} a key, but its writer is no ancestor of that agent.");
    }

    /// <summary>True when the spawns that a chain rests on, one after the other, lead up to the writer of one of them.</summary>
    private bool IsAbove(AgentId writer, ChainId chain)
    {
        for (; Of(chain) is { } origin && origin.Spawn.Agent != chain.Agent; chain = origin.Spawn.Chain)
            if (origin.Spawn.Agent == writer) return true;
        return false;
    }
}
