using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Whether an agent answers, as far as another one can tell. It steers whom to call, and nothing else.</summary>
public enum Liveness
{
    /// <summary>It answers, or nobody said that it does not.</summary>
    Alive,

    /// <summary>It did not answer, and has some time left to refute that.</summary>
    Suspected,

    /// <summary>It did not refute it. It is still called now and then.</summary>
    Dead,
}

/// <summary>What one agent tells another of a third. Never written to a log.</summary>
/// <param name="About">Of whom.</param>
/// <param name="Liveness">What is said.</param>
/// <param name="Incarnation">Of which life (<see cref="Gossip.Incarnation"/>): the agent refutes with a higher one.</param>
/// <param name="By">Who found it so first.</param>
public readonly record struct Rumour(AgentId About, Liveness Liveness, ulong Incarnation, AgentId By);
