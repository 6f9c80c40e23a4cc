namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>What a node finds about an agent and a key.</summary>
/// <param name="Standing">What it is.</param>
/// <param name="Flaw">Why the key is not the agent's, where more can be said than that nothing gives it to it.</param>
internal readonly record struct KeyFinding(KeyStanding Standing, string? Flaw = null);
