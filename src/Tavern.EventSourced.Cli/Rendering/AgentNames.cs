using System.Text.RegularExpressions;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Puts names in the place of ids. Payloads hold ids, so that nothing in them changes when a name does; people read names.</summary>
internal sealed partial class AgentNames(IEnumerable<AgentRef> agents)
{
    private readonly Dictionary<string, string> _names = agents.DistinctBy(agent => agent.Id).ToDictionary(agent => agent.Id, agent => agent.Name);

    /// <summary>No names: everything stays as it is.</summary>
    public static AgentNames None { get; } = new([]);

    /// <summary>The text with the names of the agents known.</summary>
    public string In(string text) => Ids().Replace(text, match => _names.GetValueOrDefault(match.Value) ?? match.Value);

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")]
    private static partial Regex Ids();
}
