namespace Tavern.EventSourced.Identity;

/// <summary>Names one chain: an agent in one epoch; and, when it has forked, one branch of it. Ordered by agent, epoch, branch.</summary>
/// <param name="Agent">The only writer of the chain.</param>
/// <param name="Epoch">1 for an agent's first chain; one more after each lost or rolled-back disk.</param>
/// <param name="Branch">0 for the line that this node held first, which carries what the branches have in common; 1, 2, ... for lines that
/// leave another one, in the order in which this node came to hold them. Local to a node: it never travels.</param>
public readonly record struct ChainId(AgentId Agent, int Epoch, int Branch = 0) : IComparable<ChainId>
{
    /// <summary>The event with this sequence in the chain.</summary>
    public EventId this[long sequence] => new(Agent, Epoch, sequence, Branch);

    /// <summary>The chain as its writer and other nodes name it: without the branch.</summary>
    public ChainId Main => this with { Branch = 0 };

    /// <summary>Orders by agent, epoch, branch.</summary>
    public int CompareTo(ChainId other)
    {
        var order = Agent.CompareTo(other.Agent);
        if (order == 0) order = Epoch.CompareTo(other.Epoch);
        return order != 0 ? order : Branch.CompareTo(other.Branch);
    }

    /// <summary><c>agent</c> in epoch 1, <c>agent@2</c> later; <c>agent/1</c> for a branch.</summary>
    public override string ToString() => (Epoch, Branch) switch
    {
        (1, 0) => Agent.ToString(),
        (_, 0) => $"{Agent}@{Epoch}",
        (1, _) => $"{Agent}/{Branch}",
        _ => $"{Agent}@{Epoch}/{Branch}",
    };
}
