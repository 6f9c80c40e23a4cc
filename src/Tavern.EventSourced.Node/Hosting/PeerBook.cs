using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What committed events say about agents' keys, invitations and addresses. One per node; an address counts for an agent only once
/// that agent has delivered its announcement. One writer, any number of readers.</summary>
internal sealed class PeerBook
{
    private readonly ConcurrentDictionary<AgentId, DateTimeOffset> _invitedUntil = [];
    private readonly ConcurrentDictionary<AgentId, ValueTuple> _wrote = []; // agents of which there is an event
    private readonly ConcurrentDictionary<ChainId, ImmutableArray<Announcement>> _announcements = [];

    /// <summary>Their keys.</summary>
    public KeyBook Keys { get; } = new();

    /// <summary>Takes note of a committed segment. One that was taken before changes nothing.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="index">Holds it.</param>
    public void Add(Segment segment, SegmentIndex index)
    {
        Keys.Add(segment, index);
        _wrote.TryAdd(segment.Chain.Agent, default);
        foreach (var record in segment.Records)
        {
            if (record.Header.Type is not (nameof(AgentSpawned) or nameof(EndpointAnnounced)) || !EventCatalogue.TryRead(record, out var body)) continue;
            if (body is AgentSpawned { InvitedUntil: { } until } spawned) _invitedUntil.TryAdd(spawned.Agent, until);
            if (body is EndpointAnnounced announced) AddAnnouncement(record.Id, announced);
        }
    }

    /// <summary>True of an agent that was invited, but until then, and is not known to have come. For whoever decides about a connection; what is delivered
    /// never depends on a clock.</summary>
    public bool IsTooLate(AgentId agent, DateTimeOffset now) => _invitedUntil.TryGetValue(agent, out var until) && until < now && !_wrote.ContainsKey(agent);

    /// <summary>The addresses in the latest announcement of a chain at or below a sequence, best first; empty when there is none.</summary>
    public ImmutableArray<Uri> AddressesAt(ChainId chain, long sequence)
    {
        if (!_announcements.TryGetValue(chain, out var announcements)) return [];
        for (var i = announcements.Length - 1; i >= 0; i--)
            if (announcements[i].Sequence <= sequence) return announcements[i].Addresses;
        return [];
    }

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

    private const int AddressesMax = 4; // an IPv4 and an IPv6 one, each by number and by name
    private const int AddressCharsMax = 256; // the longest host name has 253; addresses of nodes have no path
    private const int AnnouncementsMax = 64; // per chain; only agents that are further behind than that no longer find theirs

    private const string InProcess = "inproc"; // addresses of Transports.InProcessHub

    private readonly record struct Announcement(long Sequence, ImmutableArray<Uri> Addresses);
}
