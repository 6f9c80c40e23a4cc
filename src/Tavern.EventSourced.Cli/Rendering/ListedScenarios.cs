using System.Collections.Immutable;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Simulation.Scenarios;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A scenario that can be simulated.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Description">What happens and what must hold.</param>
/// <param name="Sizes">Numbers of agents that it is meant for.</param>
internal sealed record ListedScenario(string Scenario, string Description, ImmutableArray<int> Sizes);

/// <summary>All scenarios.</summary>
/// <param name="Scenarios">In the order in which they are told.</param>
internal sealed record ListedScenarios(ImmutableArray<ListedScenario> Scenarios) : Answer
{
    /// <summary>Those of this version.</summary>
    public static ListedScenarios All => new([.. ScenarioCatalogue.All.Select(scenario => new ListedScenario(scenario.Name, scenario.Description, scenario.Sizes))]);
}
