namespace Tavern.EventSourced.Causality;

/// <summary>How two events, or two clocks, stand to each other under happens-before (Lamport 1978; Fidge, Mattern 1988).</summary>
public enum CausalOrder
{
    /// <summary>The same.</summary>
    Equal,

    /// <summary>The first is in the causal past of the second.</summary>
    Before,

    /// <summary>The second is in the causal past of the first.</summary>
    After,

    /// <summary>Neither knows of the other.</summary>
    Concurrent,
}
