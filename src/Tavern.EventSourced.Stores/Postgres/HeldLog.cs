using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What the writer knows of one agent's log.</summary>
internal sealed class HeldLog(AgentId holder, int key)
{
    public AgentId Holder { get; } = holder;

    /// <summary>Its number in the database.</summary>
    public int Key { get; } = key;

    /// <summary>Its length.</summary>
    public long End { get; set; }

    /// <summary>Highest delivered sequence by line, 0 for none; what was not looked up yet is missing.</summary>
    public Dictionary<int, long> Delivered { get; } = [];

    /// <summary>Where subscriptions stand, null for none; what was not looked up yet is missing.</summary>
    public Dictionary<string, SubscriptionPosition?> Positions { get; } = [];
}
