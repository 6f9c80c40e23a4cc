namespace Tavern.EventSourced.Identity;

/// <summary>Names one chain: an agent in one epoch. Ordered by agent, then epoch.</summary>
/// <param name="Agent">The only writer of the chain.</param>
/// <param name="Epoch">1 for an agent's first chain; one more after each lost or rolled-back disk.</param>
public readonly record struct ChainId(AgentId Agent, int Epoch) : IComparable<ChainId>
{
    /// <summary>The event with this sequence in the chain.</summary>
    public EventId this[long sequence] => new(Agent, Epoch, sequence);

    /// <summary>Orders by agent, then epoch.</summary>
    public int CompareTo(ChainId other)
    {
        var order = Agent.CompareTo(other.Agent);
        return order != 0 ? order : Epoch.CompareTo(other.Epoch);
    }

    /// <summary><c>agent</c> in epoch 1, <c>agent@2</c> later.</summary>
    public override string ToString() => Epoch == 1 ? Agent.ToString() : $"{Agent}@{Epoch}";
}
