using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Node.Transports.Tls;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What committed events say about agents' keys and addresses. One per node; an address counts for an agent only once
/// that agent has delivered its announcement. One writer, any number of readers.</summary>
internal sealed class PeerBook
{
    private readonly ConcurrentDictionary<AgentId, ReadOnlyMemory<byte>> _keys = [];
    private readonly ConcurrentDictionary<ChainId, ReadOnlyMemory<byte>> _laterKeys = []; // of epochs from 2 on
    private readonly ConcurrentDictionary<AgentId, int> _lastEpochs = [];
    private readonly ConcurrentDictionary<AgentId, AgentId> _parents = [];
    private readonly ConcurrentDictionary<AgentId, ImmutableArray<Rekey>> _rekeys = []; // those of an agent's ancestors
    private readonly ConcurrentDictionary<AgentId, DateTimeOffset> _invitedUntil = [];
    private readonly ConcurrentDictionary<AgentId, ValueTuple> _wrote = []; // agents of which there is an event
    private readonly ConcurrentDictionary<ChainId, ImmutableArray<Announcement>> _announcements = [];

    /// <summary>Takes note of a committed segment. One that was taken before changes nothing.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="key">Its chain's key.</param>
    public void Add(Segment segment, ReadOnlyMemory<byte>? key)
    {
        if (segment is { First: 1, Chain: { Epoch: > 1 } chain } && key is { } later && _laterKeys.TryAdd(chain, later))
            _lastEpochs[chain.Agent] = Math.Max(chain.Epoch, _lastEpochs.GetValueOrDefault(chain.Agent));
        _wrote.TryAdd(segment.Chain.Agent, default);
        foreach (var record in segment.Records)
        {
            if (record.Header.Type is not (nameof(TavernFounded) or nameof(AgentSpawned) or nameof(EndpointAnnounced) or nameof(AgentRekeyed))) continue;
            if (!EventCatalogue.TryRead(record, out var body)) continue;
            switch (body)
            {
                case TavernFounded founded:
                    AddKey(founded.PublicKey);
                    break;
                case AgentSpawned spawned:
                    AddKey(spawned.PublicKey);
                    _parents.TryAdd(spawned.Agent, record.Id.Agent);
                    if (spawned.InvitedUntil is { } until) _invitedUntil.TryAdd(spawned.Agent, until);
                    break;
                case AgentRekeyed when Rekey.From(record) is { } rekey && IsAncestor(record.Id.Agent, rekey.Agent):
                    _rekeys[rekey.Agent] = _rekeys.GetValueOrDefault(rekey.Agent, []).Add(rekey);
                    break;
                case EndpointAnnounced announced:
                    AddAnnouncement(record.Id, announced);
                    break;
            }
        }
    }

    /// <summary>The key that an agent's newest chain here is signed with; before there is one, the key that its id was derived from
    /// (SubjectPublicKeyInfo).</summary>
    public bool TryGetKey(AgentId agent, out ReadOnlyMemory<byte> key) => TryGetKey(new ChainId(agent, _lastEpochs.GetValueOrDefault(agent, 1)), out key);

    /// <summary>The key that a chain is signed with.</summary>
    public bool TryGetKey(ChainId chain, out ReadOnlyMemory<byte> key) =>
        chain.Epoch == 1 ? _keys.TryGetValue(chain.Agent, out key) : _laterKeys.TryGetValue(chain, out key);

    /// <summary>Whether an agent signs with a key: that of its newest epoch here, or one that an ancestor gave it since, which it has written nothing
    /// with yet. Of an agent that is not heard of, the one its id derives from.</summary>
    public KeyStanding Judge(AgentId agent, ReadOnlyMemory<byte> key)
    {
        if (TryGetKey(agent, out var own) && own.Span.SequenceEqual(key.Span)) return KeyStanding.Known;
        var epoch = _lastEpochs.GetValueOrDefault(agent, 1);
        if (_rekeys.GetValueOrDefault(agent, []).Any(rekey => rekey.LastKnown.Epoch >= epoch && rekey.PublicKey.Span.SequenceEqual(key.Span))) return KeyStanding.Known;
        return own.IsEmpty && AgentId.FromPublicKey(key.Span) == agent ? KeyStanding.Unheard : KeyStanding.Another;
    }

    /// <summary>True of an agent that was invited, but until then, and is not known to have come. For whoever decides about a connection; what is delivered
    /// never depends on a clock.</summary>
    public bool IsTooLate(AgentId agent, DateTimeOffset now) => _invitedUntil.TryGetValue(agent, out var until) && until < now && !_wrote.ContainsKey(agent);

    private bool IsAncestor(AgentId ancestor, AgentId agent)
    {
        for (var depth = 0; depth < DepthMax && _parents.TryGetValue(agent, out var parent); depth++, agent = parent)
            if (parent == ancestor) return true;
        return false;
    }

    /// <summary>The addresses in the latest announcement of a chain at or below a sequence, best first; empty when there is none.</summary>
    public ImmutableArray<Uri> AddressesAt(ChainId chain, long sequence)
    {
        if (!_announcements.TryGetValue(chain, out var announcements)) return [];
        for (var i = announcements.Length - 1; i >= 0; i--)
            if (announcements[i].Sequence <= sequence) return announcements[i].Addresses;
        return [];
    }

    private void AddKey(byte[] key) => _keys.TryAdd(AgentId.FromPublicKey(key), key);

    private void AddAnnouncement(EventId id, EndpointAnnounced announced)
    {
        ImmutableArray<Uri> addresses = [.. announced.Addresses.Select(ToAddress).OfType<Uri>().Take(AddressesMax)];
        var known = _announcements.GetValueOrDefault(id.Chain, []);
        if (!known.IsEmpty && known[^1].Sequence >= id.Sequence) return;
        if (known.Length == AnnouncementsMax) known = known.RemoveAt(0);
        _announcements[id.Chain] = known.Add(new Announcement(id.Sequence, addresses));
    }

    /// <summary>Agents may announce anything; only addresses that a transport can call are kept.</summary>
    private static Uri? ToAddress(string text) =>
        text.Length <= AddressCharsMax && Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (GossipAddress.MayBeCalled(address) || address.Scheme == InProcess)
            ? address
            : null;

    private const int DepthMax = 4096; // spawns above an agent; forged ones may go in circles
    private const int AddressesMax = 4; // an IPv4 and an IPv6 one, each by number and by name
    private const int AddressCharsMax = 256; // the longest host name has 253; addresses of nodes have no path
    private const int AnnouncementsMax = 64; // per chain; only agents that are further behind than that no longer find theirs

    private const string InProcess = "inproc"; // addresses of Transports.InProcessHub

    private readonly record struct Announcement(long Sequence, ImmutableArray<Uri> Addresses);
}
