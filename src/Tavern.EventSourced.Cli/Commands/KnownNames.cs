using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>The names of the agents that a node knows.</summary>
internal static class KnownNames
{
    /// <summary>Asks for them.</summary>
    public static async Task<AgentNames> OfAsync(IDoor door, CancellationToken cancellationToken) =>
        new((await door.SendAsync(new GetAgents(), cancellationToken)).Agents.Select(row => row.Agent));
}
