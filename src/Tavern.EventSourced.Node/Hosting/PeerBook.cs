using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What committed events say about agents' keys and addresses. One per node; an address counts for an agent only once
/// that agent has delivered its announcement. One writer, any number of readers.</summary>
internal sealed class PeerBook
{
    private readonly ConcurrentDictionary<AgentId, ReadOnlyMemory<byte>> _keys = [];
    private readonly ConcurrentDictionary<ChainId, ReadOnlyMemory<byte>> _laterKeys = []; // of epochs from 2 on
    private readonly ConcurrentDictionary<AgentId, int> _lastEpochs = [];
    private readonly ConcurrentDictionary<ChainId, ImmutableArray<Announcement>> _announcements = [];

    /// <summary>Takes note of a committed segment. One that was taken before changes nothing.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="key">Its chain's key.</param>
    public void Add(Segment segment, ReadOnlyMemory<byte>? key)
    {
        if (segment is { First: 1, Chain: { Epoch: > 1 } chain } && key is { } later && _laterKeys.TryAdd(chain, later))
            _lastEpochs[chain.Agent] = Math.Max(chain.Epoch, _lastEpochs.GetValueOrDefault(chain.Agent));
        foreach (var record in segment.Records)
        {
            if (record.Header.Type is not (nameof(TavernFounded) or nameof(AgentSpawned) or nameof(EndpointAnnounced))) continue;
            if (!EventCatalogue.TryRead(record, out var body)) continue;
            switch (body)
            {
                case TavernFounded founded:
                    AddKey(founded.PublicKey);
                    break;
                case AgentSpawned spawned:
                    AddKey(spawned.PublicKey);
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
        && ((address.Scheme == Uri.UriSchemeHttp && Loopback.IsHost(address.Host)) || address.Scheme == InProcess)
            ? address
            : null;

    private const int AddressesMax = 4; // an IPv4 and an IPv6 one, each by number and by name
    private const int AddressCharsMax = 256; // the longest host name has 253; addresses of nodes have no path
    private const int AnnouncementsMax = 64; // per chain; only agents that are further behind than that no longer find theirs

    private const string InProcess = "inproc"; // addresses of Transports.InProcessHub

    private readonly record struct Announcement(long Sequence, ImmutableArray<Uri> Addresses);
}
