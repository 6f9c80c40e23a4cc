namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>What a node knows about an agent and a key that it signs with.</summary>
internal enum KeyStanding
{
    /// <summary>The key is not the agent's.</summary>
    Another,

    /// <summary>The key is the agent's, but it was invited until a time that has passed, and never came.</summary>
    TooLate,

    /// <summary>The agent's id derives from the key, but nothing here vouches for the agent.</summary>
    Unheard,

    /// <summary>The key is the agent's, and the agent belongs to the tavern.</summary>
    Known,
}
