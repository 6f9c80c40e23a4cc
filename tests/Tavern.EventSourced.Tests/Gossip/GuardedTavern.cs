using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>What a simulated node keeps when it stops: its log, and apart from it the lease. Copies are put back as other files.</summary>
internal sealed record SimulatedDisk(ImmutableList<Segment> Segments, ImmutableList<Run> Runs, long LastReceipt, int File)
{
    public static SimulatedDisk Empty { get; } = new([], [], 0, 0);

    public SimulatedDisk With(StoreBatch batch) => this with
    {
        Segments = Segments.AddRange(batch.Segments.Select(stored => stored.Segment)),
        Runs = Runs.AddRange(batch.Runs),
        LastReceipt = batch.Receipts.Select(receipt => receipt.Number).Append(LastReceipt).Max(),
    };
}

/// <summary>What a simulated keys folder says.</summary>
internal sealed record SimulatedLease(int Epoch, long Used, int File, bool IsStopped);

/// <summary>One agent on a node of its own, with a disk that survives it.</summary>
internal sealed class GuardedNode(KeyedHashSigner signer)
{
    public KeyedHashSigner Signer { get; set; } = signer;

    public AgentId Id { get; } = signer.Agent;

    public SimulatedDisk Disk { get; set; } = SimulatedDisk.Empty;

    public SimulatedLease? Lease { get; set; }

    public string? Lost { get; set; }

    public bool WaitForPeers { get; set; }

    public GossipEngine? Engine { get; set; }

    public TimeSpan StartedAt { get; set; }

    public TimeSpan? WakeAt { get; set; }

    public StoreBatch? Committing { get; set; }

    public List<string?> Passed { get; } = [];

    public List<EventId> Written { get; } = [];

    /// <summary>Answers in its stead what it has of another agent, when it lies.</summary>
    public Func<AgentId, ImmutableArray<SignedHead>>? Lie { get; set; }

    public int Epoch => Disk.Runs.Where(run => run.Chain.Agent == Id).Select(run => run.Chain.Epoch).Append(1).Max();

    public long HeadOf(ChainId chain) => Disk.Runs.Where(run => run.Chain == chain).Select(run => run.Last).Append(0).Max();
}

/// <summary>Nodes with disks that are lost, rolled back and cut off, in virtual time, driven by the same effects as real ones. Keeps a ledger of
/// every event that was ever durable: no number may be there twice.</summary>
internal sealed class GuardedTavern
{
    private readonly Dictionary<EventId, Segment> _bodies = [];
    private readonly Queue<Action> _messages = [];
    private readonly ImmutableArray<AgentId> _everyone;
    private readonly SplitMix64 _random;
    private readonly Hash _tavern;
    private long _token;
    private int _lastFile;

    public GuardedTavern(int nodes, ulong seed)
    {
        _random = new SplitMix64(seed);
        Nodes = [.. Enumerable.Range(0, nodes).Select(_ => new GuardedNode(new KeyedHashSigner(_random.Next())))];
        _everyone = [.. Nodes.Select(node => node.Id)];
        var founding = LoneEngine.Found(Nodes[0].Signer, [.. Nodes.Skip(1).Select(node => node.Signer)]);
        _tavern = LoneEngine.TavernOf(founding);
        foreach (var node in Nodes)
        {
            var runs = new List<Run>();
            foreach (var segment in founding)
            {
                Note(segment);
                runs.Add(new Run(node.Id, runs.Count == 0 ? 1 : runs[^1].LastPosition + 1, segment.Chain, segment.First, segment.Last, 0, 0));
            }

            node.Disk = new SimulatedDisk([.. founding], [.. runs], 0, ++_lastFile);
        }
    }

    public ImmutableArray<GuardedNode> Nodes { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Whether two nodes can talk.</summary>
    public Func<GuardedNode, GuardedNode, bool> Connected { get; set; } = (_, _) => true;

    /// <summary>Every event that was ever durable, with its hash.</summary>
    public Dictionary<EventId, Hash> Ledger { get; } = [];

    /// <param name="node">Whose.</param>
    /// <param name="settles">False: what it sends stays on its way.</param>
    public void Start(GuardedNode node, bool settles = true)
    {
        var index = new SegmentIndex();
        foreach (var segment in node.Disk.Segments) index.Add(segment, verified: true);
        var epoch = Math.Max(node.Epoch, node.Lease?.Epoch ?? 1);
        var used = node.Lease?.Epoch == epoch ? node.Lease.Used : 0;
        var replaced = node.Lease is { IsStopped: false } && node.Lease.File != node.Disk.File;
        var start = new EngineStart(_tavern, node.Id, epoch, node.Disk.Runs, node.Disk.LastReceipt, [.. _everyone.Where(id => id != node.Id)], _random.Next(), _random.Next())
        {
            Guard = new GuardStart([node.Id])
            {
                Used = used,
                IsExact = node.Lease is { IsStopped: true } && node.Lease.File == node.Disk.File && used == node.HeadOf(new ChainId(node.Id, epoch)),
                Lost = node.Lost ?? (replaced ? "its log was replaced" : null),
                WaitForPeers = node.WaitForPeers,
            },
        };
        (node.StartedAt, node.WakeAt, node.Committing) = (Now, TimeSpan.Zero, null);
        node.Engine = new GossipEngine(new GossipOptions(), start, index, node.Signer, new KeyedHashVerifier());
        Step(node, new GossipInput.Tick());
        if (settles) Settle();
    }

    /// <summary>The power fails: what was not committed is gone.</summary>
    public void Crash(GuardedNode node) => node.Engine = null;

    /// <summary>An orderly stop.</summary>
    public void Stop(GuardedNode node)
    {
        if (node.Engine is null) return;
        Commit(node);
        var guard = node.Engine!.Status(TimeOf(node)).Guard;
        if (guard.Phase is GuardPhase.Open && node.Committing is null)
            node.Lease = new SimulatedLease(guard.Epoch, node.HeadOf(new ChainId(node.Id, guard.Epoch)), node.Disk.File, IsStopped: true);
        node.Engine = null;
    }

    /// <summary>A copy is put back in the place of a stopped node's log.</summary>
    public void Restore(GuardedNode node, SimulatedDisk copy) => node.Disk = copy with { File = ++_lastFile };

    public void Append(GuardedNode node, string text) => Append(node, LoneEngine.Note(text));

    public void Append(GuardedNode node, EventDraft draft)
    {
        if (node.Engine is null || node.Engine.HoldsAppends) return; // a driver keeps it
        Step(node, new GossipInput.Append(++_token, [draft]));
        Settle();
    }

    /// <summary>Lets time pass in steps of at most a quarter of a second.</summary>
    /// <param name="time">How much.</param>
    /// <param name="settles">False: messages stay on their way meanwhile.</param>
    public void Pass(TimeSpan time, bool settles = true)
    {
        for (var end = Now + time; Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(Math.Min(250, (end - Now).TotalMilliseconds));
            foreach (var node in Nodes)
            {
                if (node.Engine is null || node.WakeAt is not { } due || TimeOf(node).Elapsed < due) continue;
                node.WakeAt = null;
                Step(node, new GossipInput.Tick());
            }

            if (settles) Settle();
        }
    }

    /// <summary>Commits of a node survive, or its power fails before or after one.</summary>
    public void Commit(GuardedNode node, bool diesBefore = false, bool diesAfter = false)
    {
        if (node.Engine is null) return;
        Step(node, new GossipInput.FormBatch());
        if (node.Engine is null || node.Committing is not { } batch) return;
        node.Committing = null;
        if (diesBefore)
        {
            Crash(node);
            return;
        }

        node.Disk = node.Disk.With(batch);
        foreach (var stored in batch.Segments) Note(stored.Segment);
        if (diesAfter) Crash(node);
        else Step(node, new GossipInput.Committed());
    }

    /// <summary>Carries messages and commits until nothing moves.</summary>
    public void Settle()
    {
        for (var rounds = 0; rounds < 50; rounds++)
        {
            while (_messages.TryDequeue(out var message)) message();
            foreach (var node in Nodes) Commit(node);
            if (_messages.Count == 0) return;
        }
    }

    /// <summary>Proof of where a node's copy of an agent's newest epoch ends.</summary>
    public ImmutableArray<SignedHead> HeadsOf(GuardedNode node, AgentId writer)
    {
        if (node.Lie is { } lie) return lie(writer);
        var last = node.Disk.Segments.Where(segment => segment.Chain.Agent == writer).MaxBy(segment => (segment.Chain.Epoch, segment.Last));
        return last is null ? [] : [new SignedHead(last.Records[^1].HeaderBytes, last.Signature)];
    }

    private EngineTime TimeOf(GuardedNode node) => new(Now - node.StartedAt, DateTimeOffset.UnixEpoch + Now);

    private void Note(Segment segment)
    {
        foreach (var record in segment.Records)
        {
            if (Ledger.TryAdd(record.Id, record.Hash)) continue;
            Assert.True(Ledger[record.Id] == record.Hash, $"{record.Id} was used twice.");
        }

        _bodies.TryAdd(segment.Chain[segment.First], segment);
    }

    private void Step(GuardedNode node, GossipInput input)
    {
        if (node.Engine is not { } engine) return;
        foreach (var effect in engine.Step(input, TimeOf(node)))
        {
            switch (effect)
            {
                case GossipEffect.Call call:
                    Send(node, engine, call.To, call.CallId, other => Called(other, node, call));
                    break;
                case GossipEffect.AskHeads ask:
                    Send(node, engine, ask.To, ask.CallId, other => new GossipInput.HeadsTold(ask.CallId, HeadsOf(other, node.Id)));
                    break;
                case GossipEffect.Lease lease:
                    node.Lease = new SimulatedLease(lease.Epoch, lease.Used, node.Disk.File, IsStopped: false);
                    _messages.Enqueue(() => Reach(node, engine, new GossipInput.Leased(lease.Epoch, lease.Through)));
                    break;
                case GossipEffect.Commit commit:
                    node.Committing = commit.Batch;
                    break;
                case GossipEffect.Appended(var appends):
                    node.Written.AddRange(appends.SelectMany(append => append.Events));
                    if (appends.Any(append => append.Token == 0)) node.Lost = null;
                    break;
                case GossipEffect.GuardPassed passed:
                    node.Passed.Add(passed.NewEpochBecause);
                    break;
                case GossipEffect.WakeAt(var elapsed):
                    node.WakeAt = elapsed;
                    break;
            }
        }
    }

    private void Send(GuardedNode from, GossipEngine caller, AgentId to, long callId, Func<GuardedNode, GossipInput> call) => _messages.Enqueue(() =>
    {
        var other = Nodes.Single(node => node.Id == to);
        var answer = other.Engine is not null && Connected(from, other) ? call(other) : new GossipInput.CallFailed(callId, "It cannot be reached.");
        _messages.Enqueue(() => Reach(from, caller, answer));
    });

    private GossipInput.Answered Called(GuardedNode other, GuardedNode from, GossipEffect.Call call)
    {
        var effects = other.Engine!.Step(new GossipInput.Called(call.CallId, from.Id, false, Materialise(call.Message, call.Plan)), TimeOf(other));
        var respond = effects.OfType<GossipEffect.Respond>().Single();
        if (effects.OfType<GossipEffect.WakeAt>().LastOrDefault() is { } wake) other.WakeAt = wake.Elapsed;
        return new GossipInput.Answered(call.CallId, Materialise(respond.Message, respond.Plan));
    }

    /// <summary>An answer reaches the engine that asked, if that one still runs.</summary>
    private void Reach(GuardedNode node, GossipEngine engine, GossipInput input)
    {
        if (ReferenceEquals(node.Engine, engine)) Step(node, input);
    }

    private GossipMessage Materialise(GossipMessage? message, PushPlan? plan) => message ?? new GossipMessage.Push(
        plan!.Exchange, [.. plan.Segments.Select(planned => new FrameSegment(_bodies[planned.Entry.Chain[planned.Entry.First]], planned.Hop))], plan.Wants, plan.More);
}
