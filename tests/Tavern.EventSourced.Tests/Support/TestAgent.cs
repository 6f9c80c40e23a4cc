using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>An agent of a <see cref="TestTavern"/>: writes to its chain and delivers what it hears.</summary>
public sealed class TestAgent
{
    private readonly TestTavern _tavern;
    private readonly IAgentSigner _signer;
    private readonly Dictionary<ChainId, long> _clock = [];
    private readonly SortedDictionary<ChainId, EventRecord> _heardSince = [];
    private Hash _headHash;

    public TestAgent(TestTavern tavern, string name, IAgentSigner signer, Hash previous)
    {
        (_tavern, Name, _signer, _headHash) = (tavern, name, signer, previous);
        Chain = new ChainId(AgentId.FromPublicKey(signer.PublicKey.Span), 1);
    }

    public string Name { get; }

    public AgentId Id => Chain.Agent;

    public ChainId Chain { get; private set; }

    public byte[] PublicKey => _signer.PublicKey.ToArray();

    /// <summary>What it delivered, in its order.</summary>
    public List<Segment> Delivered { get; } = [];

    public VectorClock Clock => VectorClock.Of(_clock.Select(entry => new ClockEntry(entry.Key, entry.Value)));

    public EventId Head => Chain[_clock.GetValueOrDefault(Chain)];

    public Hash HeadHash => _headHash;

    /// <summary>Writes catalogue events as one batch; the last one's id.</summary>
    public EventId Write(params ReadOnlySpan<TavernEvent> bodies)
    {
        var drafts = new List<EventDraft>();
        foreach (var body in bodies) drafts.Add(EventCatalogue.Draft(body));
        return Write(drafts);
    }

    /// <summary>Writes an event of any type.</summary>
    public EventId WriteRaw(string type, string json, int version = 1) => Write([new EventDraft(type, version, Encoding.UTF8.GetBytes(json))]);

    /// <summary>Writes an event with the causes it declares, true or not.</summary>
    public EventId WriteBecause(string type, string json, params ReadOnlySpan<EventId> causes) =>
        Write([new EventDraft(type, 1, Encoding.UTF8.GetBytes(json)) { Causes = [.. causes] }]);

    /// <summary>Spawns an agent that starts with all that this one has delivered and says hello.</summary>
    public TestAgent Spawn(string name)
    {
        var signer = _tavern.NewSigner();
        Write(new AgentSpawned(AgentId.FromPublicKey(signer.PublicKey.Span), name, signer.PublicKey.ToArray()));
        return Welcome(name, signer, HeadHash);
    }

    /// <summary>An agent that an event of this one vouches for: it has delivered what this one has.</summary>
    public TestAgent Welcome(string name, IAgentSigner signer, Hash spawn)
    {
        var agent = new TestAgent(_tavern, name, signer, spawn);
        _tavern.Agents.Add(agent);
        agent.Hear(this);
        return agent;
    }

    /// <summary>Delivers what another agent has delivered and this one has not, in the other's order: all or the first few segments.</summary>
    public TestAgent Hear(TestAgent other, int segmentsMax = int.MaxValue)
    {
        foreach (var segment in other.Delivered.ToList())
        {
            if (segmentsMax == 0) break;
            if (_clock.GetValueOrDefault(segment.Chain) >= segment.Last) continue;
            Deliver(segment);
            segmentsMax--;
        }

        return this;
    }

    /// <summary>Loses what it delivered after the first segments, and goes on in a new epoch.</summary>
    public EventId LoseDisk(int segmentsKept)
    {
        List<Segment> kept = [.. Delivered.Take(segmentsKept)];
        Delivered.Clear();
        _clock.Clear();
        _heardSince.Clear();
        var previous = Chain;
        Chain = new ChainId(Id, Chain.Epoch + 1);
        foreach (var segment in kept) Deliver(segment);
        _headHash = _heardSince.TryGetValue(previous, out var last) ? last.Hash : default;
        return Write(new EpochStarted(previous.Epoch, last?.Id.Sequence ?? 0, _headHash));
    }

    private EventId Write(List<EventDraft> drafts)
    {
        List<(EventId, Hash)> deps = [.. _heardSince.Values.Select(record => (record.Id, record.Hash))];
        List<HybridTime> times = [.. Enumerable.Range(0, drafts.Count).Select(i => new HybridTime(1_000_000 + _tavern.Records.Count + i, 0))];
        var segments = new ChainWriter(_tavern.Id, Chain, _signer).Write(drafts, _clock.GetValueOrDefault(Chain), _headHash, deps, times);
        _heardSince.Clear();
        foreach (var segment in segments)
        {
            Delivered.Add(segment);
            _tavern.Segments.Add(segment);
            foreach (var record in segment.Records)
            {
                _clock[Chain] = record.Id.Sequence;
                _tavern.Records.Add(record.Id, record);
                _tavern.Clocks.Add(record.Id, new Dictionary<ChainId, long>(_clock));
            }
        }

        _headHash = segments[^1].HeadHash;
        return Head;
    }

    private void Deliver(Segment segment)
    {
        Delivered.Add(segment);
        _clock[segment.Chain] = segment.Last;
        _heardSince[segment.Chain] = segment.Records[^1];
    }
}
