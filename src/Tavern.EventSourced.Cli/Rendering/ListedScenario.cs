using System.Collections.Immutable;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A scenario that can be simulated.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Description">What happens and what must hold.</param>
/// <param name="Sizes">Numbers of agents that it is meant for.</param>
internal sealed record ListedScenario(string Scenario, string Description, ImmutableArray<int> Sizes) : Answer;
