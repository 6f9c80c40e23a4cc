using System.Collections.Immutable;

namespace Tavern.EventSourced.Identity;

/// <summary>Who spawned whom: what authority is decided by. Immutable; adding shares everything with the tree before it. Every
/// question takes logarithmic time however deep the tree is, since each node also keeps a longer link upwards.
/// Source: Myers, "An applicative random-access stack", 1983.</summary>
public sealed class SpawnTree
{
    private readonly ImmutableDictionary<AgentId, Node> _nodes;

    private SpawnTree(ImmutableDictionary<AgentId, Node> nodes) => _nodes = nodes;

    /// <summary>The tree without agents.</summary>
    public static SpawnTree Empty { get; } = new(ImmutableDictionary<AgentId, Node>.Empty);

    /// <summary>Number of agents.</summary>
    public int Count => _nodes.Count;

    /// <summary>True when the agent is in the tree.</summary>
    public bool Contains(AgentId agent) => _nodes.ContainsKey(agent);

    /// <summary>The tree that starts with this agent.</summary>
    /// <exception cref="InvalidOperationException">There is a root already.</exception>
    public SpawnTree WithRoot(AgentId agent) => Count == 0
        ? new SpawnTree(_nodes.Add(agent, new Node(agent)))
        : throw new InvalidOperationException($"The tree has a root already; {agent} cannot be another.");

    /// <summary>This tree with one more agent.</summary>
    /// <exception cref="InvalidOperationException">The agent is in the tree already: one parent for ever; or its parent is not.</exception>
    public SpawnTree With(AgentId agent, AgentId parent)
    {
        if (_nodes.ContainsKey(agent)) throw new InvalidOperationException($"Agent {agent} has a parent already.");
        return _nodes.TryGetValue(parent, out var above)
            ? new SpawnTree(_nodes.Add(agent, new Node(agent, above)))
            : throw new InvalidOperationException($"Agent {parent} is not in the tree; it cannot spawn {agent}.");
    }

    /// <summary>The parent; null for the root and for agents that are not in the tree.</summary>
    public AgentId? ParentOf(AgentId agent) =>
        _nodes.TryGetValue(agent, out var node) && node.Depth > 0 ? node.Parent.Agent : null;

    /// <summary>Steps to the root: 0 for the root, -1 for agents that are not in the tree.</summary>
    public int DepthOf(AgentId agent) => _nodes.TryGetValue(agent, out var node) ? node.Depth : -1;

    /// <summary>True when <paramref name="ancestor"/> is a strict ancestor of <paramref name="agent"/>.</summary>
    public bool IsAncestor(AgentId ancestor, AgentId agent) => ancestor != agent && IsInSubtree(ancestor, agent);

    /// <summary>True when <paramref name="agent"/> is <paramref name="root"/> or one of its descendants.</summary>
    public bool IsInSubtree(AgentId root, AgentId agent) =>
        _nodes.TryGetValue(root, out var above) && _nodes.TryGetValue(agent, out var node)
        && node.Depth >= above.Depth && node.Up(above.Depth) == above;

    /// <summary>The deepest agent that has both in its subtree; null when one of them is not in the tree.</summary>
    public AgentId? NearestCommonAncestor(AgentId first, AgentId second)
    {
        if (!_nodes.TryGetValue(first, out var a) || !_nodes.TryGetValue(second, out var b)) return null;
        var depth = Math.Min(a.Depth, b.Depth);
        (a, b) = (a.Up(depth), b.Up(depth));
        while (a != b) (a, b) = a.Jump == b.Jump ? (a.Parent, b.Parent) : (a.Jump, b.Jump);
        return a.Agent;
    }

    /// <summary>One agent. The root is its own parent. <c>Jump</c> leads to an ancestor at a depth that depends on the depth
    /// alone, so two nodes of equal depth jump equally far.</summary>
    private sealed class Node
    {
        public Node(AgentId root) => (Agent, Parent, Jump) = (root, this, this);

        public Node(AgentId agent, Node parent)
        {
            (Agent, Parent, Depth) = (agent, parent, parent.Depth + 1);
            var equalSteps = parent.Depth - parent.Jump.Depth == parent.Jump.Depth - parent.Jump.Jump.Depth;
            Jump = equalSteps ? parent.Jump.Jump : parent;
        }

        public AgentId Agent { get; }

        public Node Parent { get; }

        public Node Jump { get; }

        public int Depth { get; }

        public Node Up(int depth)
        {
            var node = this;
            while (node.Depth > depth) node = node.Jump.Depth < depth ? node.Parent : node.Jump;
            return node;
        }
    }
}
