using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Puts names in the place of ids.</summary>
internal sealed class AgentNames(IEnumerable<AgentRef> agents)
{
    private readonly Dictionary<string, string> _names = agents.DistinctBy(agent => agent.Id).ToDictionary(agent => agent.Id, agent => agent.Name);

    /// <summary>No names: everything stays as it is.</summary>
    public static AgentNames None { get; } = new([]);

    /// <summary>The text with the names of the agents known.</summary>
    public string In(string text) => PayloadText.WithNames(text, _names.GetValueOrDefault);
}
