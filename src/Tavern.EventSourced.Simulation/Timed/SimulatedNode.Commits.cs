using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>How a node dies at a commit.</summary>
public enum CommitDeath
{
    /// <summary>Before it reached the disk: nothing of it is there.</summary>
    BeforeItIsDurable,

    /// <summary>After it reached the disk, before anybody heard of it.</summary>
    BeforeItIsKnown,
}

// The commit pipeline: one commit under way at most, of all hosted agents together; nothing is shown before it is on the disk.
public sealed partial class SimulatedNode
{
    private static readonly TimeSpan FullDiskRetry = TimeSpan.FromSeconds(1); // as nodes do: at most two seconds apart

    private NodeCommit? _underWay;

    private void TryCommit()
    {
        if (_underWay is not null || State != NodeState.Running) return;
        var parts = new List<(SimulatedAgent Agent, GossipEffect.Commit Commit)>();
        foreach (var agent in Agents)
        {
            HandOver(agent);
            var effects = agent.Engine.Step(new GossipInput.FormBatch(), Now);
            parts.AddRange(effects.OfType<GossipEffect.Commit>().Select(commit => (agent, commit)));
            Perform(agent, [.. effects.Where(effect => effect is not GossipEffect.Commit)], null);
        }

        if (parts.Count == 0) return;
        _underWay = new NodeCommit(Join(parts.ConvertAll(part => part.Commit.Batch)), parts.ConvertAll(part => part.Agent));
        foreach (var (agent, commit) in parts) agent.Committing = commit.Batch;
        Write();
    }

    /// <summary>One batch of all: bodies that several received are in it once, causes before effects whoever received them.</summary>
    private StoreBatch Join(List<StoreBatch> batches) => batches is [var only] ? only with { Segments = NotHeld(only.Segments) } : new StoreBatch
    {
        Segments = [.. NotHeld(batches.SelectMany(batch => batch.Segments)).OrderBy(stored => Index.DepthOf(stored.Segment.Chain[stored.Segment.First]))],
        Runs = [.. batches.SelectMany(batch => batch.Runs)],
        Receipts = [.. batches.SelectMany(batch => batch.Receipts)],
    };

    private ImmutableArray<StoredSegment> NotHeld(IEnumerable<StoredSegment> segments) =>
    [
        .. segments.Where(stored => !_bodies.ContainsKey(stored.Segment.Chain[stored.Segment.First])).DistinctBy(stored => stored.Segment.Chain[stored.Segment.First]),
    ];

    private void Write()
    {
        var time = Disk.CommitTime + Disk.CommitTime * _world.Random.NextUnit();
        _world.After(Disk.IsFull ? FullDiskRetry : time, InThisLife(() =>
        {
            if (Disk.IsFull) Write();
            else Completed();
        }));
    }

    private void Completed()
    {
        var commit = _underWay!;
        var death = _world.DeathAt(this, Disk.Commits + 1);
        if (death is not CommitDeath.BeforeItIsDurable) MakeDurable(commit);
        _underWay = null;
        if (death is not null)
        {
            _world.Trace.Add(_world.Now, "node {0} dies at its commit {1}: {2}", Number, Disk.Commits, death);
            Crash();
            return;
        }

        foreach (var agent in commit.Agents) Perform(agent, agent.Engine.Step(new GossipInput.Committed(), Now), null);
        TryCommit();
    }

    /// <summary>From here on it survives whatever happens to the node.</summary>
    private void MakeDurable(NodeCommit commit)
    {
        Disk.Complete(commit.Batch);
        foreach (var stored in commit.Batch.Segments) _bodies.TryAdd(stored.Segment.Chain[stored.Segment.First], stored.Segment);
        foreach (var receipt in commit.Batch.Receipts) HostOf(receipt.Holder).Keep(receipt);
        foreach (var run in commit.Batch.Runs)
        {
            var agent = HostOf(run.Holder);
            agent.Keep(run);
            _world.Trace.Add(_world.Now, "{0} commits {1}", agent, run);
            for (var next = run.First; next <= run.Last;)
            {
                var segment = _bodies[run.Chain[next]];
                _world.Checks.Delivered(agent, segment, run.Hop);
                next = segment.Last + 1;
            }
        }

        foreach (var agent in commit.Agents) agent.Committing = null;
    }

    private void Restore(SimulatedAgent agent, Run run)
    {
        agent.Keep(run);
        if (run.Position == 1 && run == _world.Founding.RunOf(agent.Id))
        {
            agent.Contents.AddFounding();
            return;
        }

        for (var next = run.First; next <= run.Last;)
        {
            var segment = _bodies[run.Chain[next]];
            foreach (var record in segment.Records) agent.Contents.Add(record.Hash.Prefix);
            next = segment.Last + 1;
        }
    }

    private GossipEngine NewEngine(SimulatedAgent agent, NodeShare node) => new(
        _world.Options.Gossip,
        new EngineStart(
            _world.Founding.Tavern, agent.Id, EpochOf(agent), agent.Log, agent.LastReceipt, _seeds, Incarnation.AtStart(Now.Wall, _world.Random.Next()), _world.Random.Next())
        {
            Guard = GuardOf(agent),
            Mutations = _world.Options.Mutations,
        },
        Index,
        agent.Signer,
        _world.Options.Verifier,
        node);

    private sealed record NodeCommit(StoreBatch Batch, IReadOnlyList<SimulatedAgent> Agents);
}
