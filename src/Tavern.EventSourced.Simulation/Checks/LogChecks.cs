using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation.Checks;

/// <summary>What must hold of every log at every moment, checked whenever a commit changes one. Looks at records and their hashes only,
/// never at what the engine believes.</summary>
internal sealed class LogChecks
{
    private const int ViolationsMax = 20; // the first explains, the rest repeat

    private readonly Dictionary<UInt128, Publication> _published = [];
    private readonly Dictionary<EventId, UInt128> _places = [];
    private readonly List<Acknowledgement> _acknowledged = [];
    private readonly List<Publication> _inOrder = [];
    private HashSet<SimulatedAgent> _waitedFor = [];

    private readonly Func<TimeSpan> _now;

    /// <summary>Starts with what every log holds.</summary>
    /// <param name="now">Virtual time.</param>
    /// <param name="founding">The tavern's first segments.</param>
    public LogChecks(Func<TimeSpan> now, ImmutableArray<Segment> founding)
    {
        _now = now;
        foreach (var record in founding.SelectMany(segment => segment.Records)) _places.Add(record.Id.Main, record.Hash.Prefix);
    }

    /// <summary>What did not hold, in plain words, first things first.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>An event has reached all when these agents have it.</summary>
    public void WaitFor(IEnumerable<SimulatedAgent> agents) => _waitedFor = [.. agents];

    /// <summary>Called at the first violation.</summary>
    public Action OnFirstViolation { get; set; } = () => { };

    /// <summary>Every record that a commit made durable anywhere, in the order in which that happened first.</summary>
    public IReadOnlyList<Publication> Published => _inOrder;

    /// <summary>A commit of the agent's node delivered a segment to it.</summary>
    public void Delivered(SimulatedAgent agent, Segment segment, int hop)
    {
        var first = segment.Records[0];
        if (!first.Header.Previous.IsZero && !agent.Contents.Contains(first.Header.Previous.Prefix))
            Violate($"{agent} delivered {first.Id} without the record that it follows.");
        for (var i = 0; first.Header.Deps is { } deps && i < deps.Heads.Length; i++)
            if (!agent.Contents.Contains(deps.HeadHashes[i])) Violate($"{agent} delivered {first.Id} without {deps.Heads[i]}, which it depends on.");
        foreach (var record in segment.Records)
        {
            var tag = record.Hash.Prefix;
            if (!agent.Contents.Add(tag))
            {
                Violate($"{agent} delivered {record.Id} twice.");
                continue;
            }

            var published = Publish(agent, record, tag, segment);
            if (_waitedFor.Contains(agent) && ++published.Holders == _waitedFor.Count) published.CompleteAt = _now();
        }

        if (hop == 0 && segment.Chain.Agent != agent.Id) Violate($"{agent} delivered {first.Id} with hop 0, as if it had written it.");
    }

    /// <summary>The agent sends a segment: only what its log holds for good may leave it.</summary>
    public void Sent(SimulatedAgent agent, Segment segment)
    {
        if (!agent.Contents.Contains(segment.HeadHash.Prefix))
            Violate($"{agent} sent {segment.Records[^1].Id}, which no commit of it holds: it could be lost and another record come in its place.");
    }

    /// <summary>The agent says what it has: only what its log holds for good may be said.</summary>
    public void Said(SimulatedAgent agent, GossipMessage message)
    {
        foreach (var claim in message switch
        {
            GossipMessage.Syn syn => syn.Page?.Entries ?? syn.Changed,
            GossipMessage.SynAck ack => ack.Claims,
            _ => [],
        })
        {
            if (claim.Sequence > agent.Heads.GetValueOrDefault(claim.Chain.Main))
                Violate($"{agent} said that it has {claim.Chain[claim.Sequence]}, which no commit of it holds: it could be lost and another record come in its place.");
        }
    }

    /// <summary>An append was acknowledged: it must never be lost.</summary>
    public void Acknowledged(SimulatedAgent agent, EventId id)
    {
        if (agent.IsLiar) return;
        if (!_places.TryGetValue(id.Main, out var tag) || !agent.Contents.Contains(tag)) Violate($"{agent} acknowledged {id}, which its log does not hold.");
        else _acknowledged.Add(new Acknowledgement(agent, id, tag));
    }

    /// <summary>At the end: is everything acknowledged still there? Of an agent whose disk was lost, what anybody else has.</summary>
    /// <param name="agents">All agents.</param>
    /// <param name="which">Whose logs are to be looked at.</param>
    public void CheckAcknowledged(IReadOnlyList<SimulatedAgent> agents, Func<SimulatedAgent, bool> which)
    {
        foreach (var (agent, id, tag) in _acknowledged)
            if (which(agent) && !agent.Contents.Contains(tag) && !(agent.HasLostData && !agents.Any(other => other.Contents.Contains(tag)))) Violate($"{agent} acknowledged {id}, and its log lost it.");
    }

    /// <summary>Something did not hold.</summary>
    public void Violate(string what)
    {
        if (Violations.Count == 0) OnFirstViolation();
        if (Violations.Count < ViolationsMax) Violations.Add($"{_now().TotalSeconds:0.000} s: {what}");
    }

    private Publication Publish(SimulatedAgent agent, EventRecord record, UInt128 tag, Segment segment)
    {
        if (_published.TryGetValue(tag, out var known)) return known;
        if (!_places.TryAdd(record.Id.Main, tag) && _places[record.Id.Main] != tag && !agent.IsLiar && agent.Id == record.Id.Agent)
            Violate($"{agent} wrote {record.Id} twice, with different content: a sequence was used again.");
        var published = new Publication(record.Id.Main, tag, segment, _now());
        _published.Add(tag, published);
        _inOrder.Add(published);
        return published;
    }

    private readonly record struct Acknowledgement(SimulatedAgent Agent, EventId Id, UInt128 Tag);
}

/// <summary>A record that a commit made durable somewhere.</summary>
/// <param name="id">Its name.</param>
/// <param name="tag">The first 16 bytes of its hash.</param>
/// <param name="segment">The segment that holds it.</param>
/// <param name="at">When that was first so.</param>
internal sealed class Publication(EventId id, UInt128 tag, Segment segment, TimeSpan at)
{
    /// <summary>Its name.</summary>
    public EventId Id { get; } = id;

    /// <summary>The first 16 bytes of its hash.</summary>
    public UInt128 Tag { get; } = tag;

    /// <summary>The segment that holds it.</summary>
    public Segment Segment { get; } = segment;

    /// <summary>When a commit first made it durable.</summary>
    public TimeSpan At { get; } = at;

    /// <summary>How many of the agents that are waited for it was delivered to; a log that was lost since is not taken off.</summary>
    public int Holders { get; set; }

    /// <summary>When the last of these got it; null while one has not.</summary>
    public TimeSpan? CompleteAt { get; set; }
}
