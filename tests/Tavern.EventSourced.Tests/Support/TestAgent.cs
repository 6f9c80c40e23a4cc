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
    private long _head;

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

    public EventId Head => Chain[_head];

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
        var last = _heardSince.Values.LastOrDefault(record => record.Id.Chain.Main == previous.Main);
        (_head, _headHash) = (0, last?.Hash ?? default);
        return Write(new EpochStarted(previous.Epoch, last?.Id.Sequence ?? 0, _headHash));
    }

    /// <summary>Goes on in another epoch that begins with such an event, as one begins under a recovery key.</summary>
    public EventId Recover(int epoch, TavernEvent first)
    {
        (Chain, _head) = (new ChainId(Id, epoch), 0);
        return Write(first);
    }

    /// <summary>The same agent once more, as it was after it had delivered so many segments: what either writes from now on is on another line.</summary>
    public TestAgent Fork(int segmentsKept = int.MaxValue)
    {
        var (twin, line) = (new TestAgent(_tavern, Name, _signer, _headHash) { Chain = Chain.Main }, new HashSet<EventId>());
        for (EventId? at = _head == 0 ? null : Head; at is { } own; at = _tavern.Branches.PredecessorOf(_tavern.Records[own])) line.Add(own);
        foreach (var segment in Delivered.Take(segmentsKept))
        {
            twin.Deliver(segment);
            if (!line.Contains(segment.Chain[segment.Last])) continue;
            (twin.Chain, twin._head, twin._headHash) = (segment.Chain, segment.Last, segment.HeadHash);
            twin._heardSince.Clear(); // named by that segment
        }

        if (twin._head == 0 && line.Count > 0) twin._headHash = _tavern.Records[line.MinBy(id => id.Sequence)].Header.Previous;
        _tavern.Agents.Add(twin);
        return twin;
    }

    private EventId Write(List<EventDraft> drafts)
    {
        List<(EventId, Hash)> deps = [.. _heardSince.Values.Select(record => (record.Id, record.Hash))];
        List<HybridTime> times = [.. Enumerable.Range(0, drafts.Count).Select(i => new HybridTime(1_000_000 + _tavern.Records.Count + i, 0))];
        var segments = new ChainWriter(_tavern.Id, Chain.Main, _signer).Write(drafts, _head, _headHash, deps, times);
        _heardSince.Clear();
        foreach (var written in segments)
        {
            var segment = _tavern.Branches.Place(written);
            (Chain, _head) = (segment.Chain, segment.Last);
            Delivered.Add(segment);
            _tavern.Segments.Add(segment);
            foreach (var record in segment.Records)
            {
                _clock[Chain] = record.Id.Sequence;
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
