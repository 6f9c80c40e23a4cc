using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>One engine on a node of its own, driven by hand.</summary>
internal sealed class LoneEngine
{
    private readonly Dictionary<EventId, Segment> _bodies;
    private long _token;

    public LoneEngine(
        ImmutableArray<Segment> held, KeyedHashSigner signer, ImmutableArray<AgentId> seeds, GossipOptions? options = null, ulong seed = 1, Hash? tavern = null, NodeShare? node = null,
        SegmentIndex? index = null, ulong? incarnation = null, LoneEngine? host = null)
    {
        (Signer, Index, _bodies) = (signer, index ?? host?.Index ?? new SegmentIndex(), host?._bodies ?? []);
        var runs = new List<Run>();
        foreach (var segment in held)
        {
            Index.Add(segment, verified: true);
            _bodies.TryAdd(segment.Chain[segment.First], segment);
            runs.Add(new Run(signer.Agent, runs.Count == 0 ? 1 : runs[^1].LastPosition + 1, segment.Chain, segment.First, segment.Last, 0, 0));
        }

        Engine = new GossipEngine(
            options ?? new GossipOptions(), new EngineStart(tavern ?? TavernOf(held), signer.Agent, 1, runs, 0, seeds, incarnation ?? seed + 1000, seed), Index, signer, new KeyedHashVerifier(), node);
    }

    public GossipEngine Engine { get; }

    /// <summary>What the node holds: its own, or the one of the engine that it shares a node with.</summary>
    public SegmentIndex Index { get; }

    /// <summary>False: forks are not exposed, as if the store could not be read.</summary>
    public bool ExposesForks { get; init; } = true;

    public KeyedHashSigner Signer { get; }

    public AgentId Id => Signer.Agent;

    public TimeSpan Elapsed { get; set; } = TimeSpan.FromSeconds(1);

    public List<StoreBatch> Batches { get; } = [];

    public EngineStatus Status => Engine.Status(Now);

    private EngineTime Now => new(Elapsed, DateTimeOffset.UnixEpoch + Elapsed);

    public static Hash TavernOf(ImmutableArray<Segment> held) => held[0].Records[0].Hash;

    /// <summary>A tavern whose root spawned the others, as the root's first segments.</summary>
    public static ImmutableArray<Segment> Found(KeyedHashSigner root, params KeyedHashSigner[] spawned) => TavernFounder.Write(
        root,
        [
            EventCatalogue.Draft(new TavernFounded("test", "root", root.PublicKey.ToArray(), root.PublicKey.ToArray())),
            .. spawned.Select((signer, i) => EventCatalogue.Draft(new AgentSpawned(signer.Agent, $"agent{i + 1}", signer.PublicKey.ToArray()))),
        ],
        DateTimeOffset.UnixEpoch);

    public static EventDraft Note(string text) => EventCatalogue.Draft(new DiscoveryShared(text));

    public IReadOnlyList<GossipEffect> Step(GossipInput input)
    {
        var effects = Engine.Step(input, Now);
        if (ExposesForks)
            foreach (var fork in effects.OfType<GossipEffect.ReadFork>()) Engine.Step(new GossipInput.ForkRead(BodyOf(fork.A), BodyOf(fork.B), fork.A.Sequence), Now);
        return effects;
    }

    /// <summary>The segment that holds an event.</summary>
    public Segment BodyOf(EventId id) =>
        Index.TryGetSegment(id, out var entry) ? _bodies[entry.Chain[entry.First]] : throw new InvalidOperationException($"{id} is not held.");

    /// <summary>Hashes of all records delivered and committed.</summary>
    public HashSet<Hash> Delivered() =>
    [
        .. Status.Clock.Entries.SelectMany(entry =>
            Enumerable.Range((int)Index.FirstOf(entry.Chain), (int)(entry.Sequence - Index.FirstOf(entry.Chain) + 1)).Select(sequence => HashOf(entry.Chain[sequence]))),
    ];

    private Hash HashOf(EventId id) => Index.TryGetHash(id, out var hash) ? hash : throw new InvalidOperationException($"{id} is not held.");

    public void Append(params EventDraft[] drafts) => Step(new GossipInput.Append(++_token, [.. drafts]));

    /// <summary>Asks for a batch and starts its commit; null when nothing waits.</summary>
    public StoreBatch? BeginCommit()
    {
        var commit = Step(new GossipInput.FormBatch()).OfType<GossipEffect.Commit>().SingleOrDefault();
        if (commit is null) return null;
        Batches.Add(commit.Batch);
        foreach (var stored in commit.Batch.Segments) _bodies.TryAdd(stored.Segment.Chain[stored.Segment.First], stored.Segment);
        return commit.Batch;
    }

    public IReadOnlyList<GossipEffect> EndCommit() => Step(new GossipInput.Committed());

    public void Commit()
    {
        if (BeginCommit() is not null) EndCommit();
    }

    /// <summary>Opens a round and returns its calls.</summary>
    public IReadOnlyList<GossipEffect.Call> Round()
    {
        Elapsed += TimeSpan.FromMinutes(2);
        return [.. Step(new GossipInput.Tick()).OfType<GossipEffect.Call>()];
    }

    public GossipMessage Materialise(GossipMessage? message, PushPlan? plan) =>
        message ?? plan!.Fill([.. plan.Segments.Select(planned => new FrameSegment(_bodies[planned.Entry.Chain[planned.Entry.First]], planned.Hop))]);

    public GossipMessage Called(AgentId from, GossipMessage message)
    {
        var respond = Step(new GossipInput.Called(77, from, false, message)).OfType<GossipEffect.Respond>().Single();
        return Materialise(respond.Message, respond.Plan);
    }

    /// <summary>Carries this engine's calls to the other until none is left; returns every message that went either way.</summary>
    public List<GossipMessage> ExchangeWith(LoneEngine other)
    {
        var trace = new List<GossipMessage>();
        var calls = new Queue<GossipEffect.Call>();
        foreach (var call in Round())
        {
            if (call.To == other.Id) calls.Enqueue(call);
            else Step(new GossipInput.CallFailed(call.CallId, "not this time"));
        }

        while (calls.TryDequeue(out var call))
        {
            var message = Materialise(call.Message, call.Plan);
            var answer = other.Called(Id, message);
            trace.AddRange([message, answer]);
            foreach (var next in Step(new GossipInput.Answered(call.CallId, answer)).OfType<GossipEffect.Call>()) calls.Enqueue(next);
        }

        return trace;
    }
}
