using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Checks;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>A tavern in virtual time: nodes with disks of their own that host agents, a network between them, and whatever can go wrong
/// with these. The engine is the real one. One seed is one run, the same on every machine.</summary>
public sealed class TimedSimulation
{
    private readonly EventQueue _queue = new();
    private readonly List<SimulatedAgent> _agents = [];
    private readonly List<SimulatedNode> _nodes = [];
    private readonly SortedDictionary<AgentId, List<SimulatedAgent>> _byId = [];
    private readonly System.Collections.Frozen.FrozenSet<UInt128> _founding;

    /// <summary>Makes a tavern whose agents all know each other and nothing else, and starts its nodes.</summary>
    public TimedSimulation(TimedOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Agents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AgentsPerNode, 1);
        Options = options;
        Random = new SplitMix64(options.Seed);
        Network = new Network(_queue, Random);
        ImmutableArray<IAgentSigner> signers = [.. Enumerable.Range(0, options.Agents).Select(_ => options.MakeSigner(Random.Next()))];
        Founding = new Founding(signers);
        _founding = LogContents.FoundingOf(Founding.Segments);
        Traffic = new Traffic(Founding.Tavern);
        Checks = new LogChecks(() => _queue.Now, Founding.Segments) { OnFirstViolation = () => TraceAtViolation = Trace.Lines() };
        for (var first = 0; first < signers.Length; first += options.AgentsPerNode)
        {
            List<SimulatedAgent> hosted = [.. signers.Skip(first).Take(options.AgentsPerNode).Select(signer => AddAgent(signer))];
            AddNode(hosted, new SimulatedDisk([new StoreBatch
            {
                Segments = [.. Founding.Segments.Select(segment => new StoredSegment(segment, true))],
                Runs = [.. hosted.Select(agent => Founding.RunOf(agent.Id))],
            }]), new SimulatedKeys(), Founding.Everyone);
        }

        Checks.WaitFor(_agents);
        foreach (var node in _nodes) node.Start();
    }

    /// <summary>What the simulation started with.</summary>
    public TimedOptions Options { get; }

    /// <summary>The agents, by number; the root is number 0. Clones and newcomers come last.</summary>
    public IReadOnlyList<SimulatedAgent> Agents => _agents;

    /// <summary>The nodes, by number.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>The links between nodes.</summary>
    public Network Network { get; }

    /// <summary>What travelled so far.</summary>
    public Traffic Traffic { get; }

    /// <summary>Virtual time since the simulation began.</summary>
    public TimeSpan Now => _queue.Now;

    /// <summary>What did not hold so far, in plain words.</summary>
    public IReadOnlyList<string> Violations => Checks.Violations;

    /// <summary>Decides whether a node dies at a commit, given the node and the commit's number on its disk, from 1. By default none does.</summary>
    public Func<SimulatedNode, int, CommitDeath?> DeathAt { get; set; } = (_, _) => null;

    /// <summary>The simulation's randomness: of nodes, network and disks. Scenarios have their own.</summary>
    internal SplitMix64 Random { get; }

    internal Founding Founding { get; }

    internal LogChecks Checks { get; }

    internal Trace Trace { get; } = new();

    /// <summary>The steps before the first violation; null while there is none.</summary>
    internal IReadOnlyList<string>? TraceAtViolation { get; private set; }

    /// <summary>True when all agents that are expected to have delivered the same events did, and no node is about to deliver more.</summary>
    public bool HasConverged
    {
        get
        {
            if (!_nodes.TrueForAll(node => node.IsSettled)) return false;
            SimulatedAgent? first = null;
            foreach (var agent in _agents)
            {
                if (agent.IsGone || agent.IsLiar) continue;
                first ??= agent;
                if (!agent.Contents.Equals(first.Contents)) return false;
            }

            return true;
        }
    }

    /// <summary>Plans something at a moment of virtual time.</summary>
    public void At(TimeSpan at, Action action) => _queue.At(at, action);

    /// <summary>Plans something for later.</summary>
    public void After(TimeSpan delay, Action action) => _queue.After(delay, action);

    /// <summary>Lets this much time pass.</summary>
    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (_queue.Step(end)) ;
    }

    /// <summary>Lets time pass until something is so, looking every 50 ms; false when it was not so in time.</summary>
    public bool RunUntil(Func<bool> isSo, TimeSpan durationMax)
    {
        var end = Now + durationMax;
        while (!isSo())
        {
            if (Now >= end || Violations.Count > 0) return false;
            Run(TimeSpan.FromMilliseconds(50) < end - Now ? TimeSpan.FromMilliseconds(50) : end - Now);
        }

        return true;
    }

    /// <summary>A newcomer: <paramref name="parent"/> spawns it, and a node with an empty disk starts that knows its parent only.</summary>
    public SimulatedAgent Join(SimulatedAgent parent)
    {
        var agent = AddAgent(Options.MakeSigner(Random.Next()), isNewcomer: true);
        parent.Append(Founding.Spawn(agent.Id, agent.Number, agent.Signer));
        AddNode([agent], new SimulatedDisk([]), new SimulatedKeys(), [parent.Id]).Start();
        return agent;
    }

    /// <summary>A node is copied, with keys and all, and the copy runs beside it: from now on its agents sign two lines.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isHonest">True when the copy asks others before it writes, as a machine does that was copied by mistake; false, the
    /// default, for liars, who write at once.</param>
    public SimulatedNode Clone(SimulatedNode node, bool isHonest = false)
    {
        List<SimulatedAgent> copies = [];
        foreach (var agent in node.Agents)
        {
            var copy = AddAgent(agent.Signer, isUnguarded: !isHonest);
            agent.IsLiar = copy.IsLiar = true;
            copies.Add(copy);
        }

        var clone = AddNode(copies, node.Disk.Clone(), node.Keys.Clone(), Founding.Everyone);
        clone.Start();
        return clone;
    }

    /// <summary>Where an agent's calls to another go; null when nobody hosts it. Of clones, half the callers reach each.</summary>
    internal SimulatedAgent? Locate(AgentId agent, SimulatedAgent caller) =>
        _byId.TryGetValue(agent, out var hosts) ? hosts[caller.Number % hosts.Count] : null;

    private SimulatedAgent AddAgent(IAgentSigner signer, bool isNewcomer = false, bool isUnguarded = false)
    {
        var agent = new SimulatedAgent(_agents.Count, signer, new LogContents(_founding)) { IsNewcomer = isNewcomer, IsUnguarded = isUnguarded };
        _agents.Add(agent);
        if (!_byId.TryGetValue(agent.Id, out var hosts)) _byId.Add(agent.Id, hosts = []);
        hosts.Add(agent);
        return agent;
    }

    private SimulatedNode AddNode(IReadOnlyList<SimulatedAgent> agents, SimulatedDisk disk, SimulatedKeys keys, ImmutableArray<AgentId> seeds)
    {
        var node = new SimulatedNode(this, _nodes.Count, agents, disk, keys, seeds);
        foreach (var agent in agents) agent.Node = node;
        _nodes.Add(node);
        return node;
    }
}
