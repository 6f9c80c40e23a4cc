using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports.Tls;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What committed events say about keys: which one signs a chain, and which ones speak for an agent now. Of an agent's keys the one given after
/// most of its epochs counts, so an older one that was lost or stolen speaks for nobody from the moment a newer one is heard of. One writer, any
/// number of readers.</summary>
internal sealed class KeyBook
{
    private readonly ConcurrentDictionary<ChainId, ReadOnlyMemory<byte>> _chains = [];
    private readonly ConcurrentDictionary<AgentId, Known> _agents = [];

    /// <summary>Takes note of a committed segment. One that was taken before changes nothing.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="index">Holds it.</param>
    public void Add(Segment segment, SegmentIndex index)
    {
        if (index.OriginOf(segment.Chain) is { } origin && _chains.TryAdd(segment.Chain, origin.PublicKey) && segment.First == 1)
        {
            var isRecovery = Rekey.From(segment.Records[0]) is { IsRecovery: true }; // the recovery key signs that record and speaks for nobody
            Change(segment.Chain.Agent, known => known with
            {
                Spawns = known.Spawns.Add(origin.Spawn.Main),
                Begun = isRecovery ? known.Begun : known.Begun.Add(Hash.Of(origin.PublicKey.Span)),
            });
        }

        foreach (var record in segment.Records)
        {
            if (Voucher.From(record) is { } voucher) Change(voucher.Agent, known => known with { FirstKey = voucher.PublicKey });
            else if (Rekey.From(record) is { } rekey && index.Gives(rekey)) Change(rekey.Agent, known => known with { Given = known.With(rekey) });
        }
    }

    /// <summary>The key that a chain's heads are signed with.</summary>
    public bool TryGetKey(ChainId chain, out ReadOnlyMemory<byte> key) => _chains.TryGetValue(chain, out key);

    /// <summary>The keys that speak for an agent (SubjectPublicKeyInfo): the one its id derives from, until others were given; of those the ones given
    /// last, and of several such the one that it has begun a chain with. None of an agent that nothing here vouches for.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> KeysOf(AgentId agent) => KeysOf(Of(agent));

    /// <summary>Whether a key speaks for an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="key">Its key, as somebody claims.</param>
    /// <param name="trail">What shows that it is; null for nothing but what is held here.</param>
    public KeyFinding Judge(AgentId agent, ReadOnlyMemory<byte> key, KeyTrail? trail)
    {
        var keys = KeysOf(agent);
        if (Holds(keys, key)) return new KeyFinding(KeyStanding.Known);
        if (keys.IsEmpty && AgentId.FromPublicKey(key.Span) == agent) return new KeyFinding(KeyStanding.Unheard);
        if (trail is null) return new KeyFinding(KeyStanding.Another, AgentId.FromPublicKey(key.Span) == agent ? $"{agent} has a newer key" : null);
        return FlawOf(trail, agent, key) is { } flaw ? new KeyFinding(KeyStanding.Another, flaw) : new KeyFinding(KeyStanding.Known);
    }

    /// <summary>Why a trail does not show to whoever holds what is held here that a key is an agent's; null when it does. What is held counts more: its
    /// spawns, its newer keys. Only what leads to this key is looked at.</summary>
    private string? FlawOf(KeyTrail trail, AgentId agent, ReadOnlyMemory<byte> key)
    {
        var known = Of(agent);
        if (trail.Grants.FirstOrDefault(grant => grant.Rekey.Agent == agent && grant.Rekey.PublicKey.Span.SequenceEqual(key.Span)) is not { Rekey: var rekey, SignedWith: var signedWith })
            return known.Given.IsEmpty && AgentId.FromPublicKey(key.Span) == agent ? null : $"nothing gives {agent} that key";
        if (!Holds(KeysOf(known with { Given = known.With(rekey) }), key)) return $"{agent} has a newer key";
        if (rekey.IsRecovery || known.Holds(rekey)) return null;
        for (var child = agent; trail.Spawns.TryGetValue(child, out var spawn) && spawn.Agent != child; child = spawn.Agent)
            if (Of(child).Spawns is { IsEmpty: false } spawns && !spawns.Contains(spawn)) return $"it says that {child} accepted the spawn {spawn}, but its log here says another";
        return FlawOf(trail, rekey.Event.Agent, signedWith) is { } flaw // strictly above the agent, so this comes to an end
            ? $"{rekey.Event}, which gives {agent} a key, is signed with one that is not its writer's here: {flaw}"
            : null;
    }

    private Known Of(AgentId agent) => _agents.GetValueOrDefault(agent, Known.Nothing);

    private void Change(AgentId agent, Func<Known, Known> change) => _agents[agent] = change(Of(agent));

    private static ImmutableArray<ReadOnlyMemory<byte>> KeysOf(Known known)
    {
        if (known.Given.IsEmpty) return known.FirstKey is { } first ? [first] : [];
        var after = known.Given.Max(rekey => rekey.After);
        ImmutableArray<ReadOnlyMemory<byte>> last = [.. known.Given.Where(rekey => rekey.After == after).Select(rekey => rekey.PublicKey)];
        ImmutableArray<ReadOnlyMemory<byte>> begun = [.. last.Where(key => known.Begun.Contains(Hash.Of(key.Span)))];
        return begun.IsEmpty ? last : begun;
    }

    private static bool Holds(ImmutableArray<ReadOnlyMemory<byte>> keys, ReadOnlyMemory<byte> key) => keys.Any(one => one.Span.SequenceEqual(key.Span));

    /// <summary>What is known of an agent.</summary>
    /// <param name="FirstKey">The one its id derives from; null while nothing vouches for it.</param>
    /// <param name="Spawns">Those that it accepted: several only where its first record has forked.</param>
    /// <param name="Given">What may give it a key, by the rules of <see cref="ChainOrigins"/>.</param>
    /// <param name="Begun">Hashes of the keys that it has begun chains with.</param>
    private sealed record Known(ReadOnlyMemory<byte>? FirstKey, ImmutableHashSet<EventId> Spawns, ImmutableArray<Rekey> Given, ImmutableHashSet<Hash> Begun)
    {
        public static readonly Known Nothing = new(null, [], [], []);

        public bool Holds(Rekey rekey) => Given.Any(given => IsSame(given, rekey));

        public ImmutableArray<Rekey> With(Rekey rekey) => Holds(rekey) ? Given : Given.Add(rekey);

        private static bool IsSame(Rekey a, Rekey b) => a.Event.Main == b.Event.Main && a.PublicKey.Span.SequenceEqual(b.PublicKey.Span);
    }
}
