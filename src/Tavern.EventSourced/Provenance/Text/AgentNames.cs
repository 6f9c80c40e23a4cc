using System.Globalization;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>How agents and events are called in text. Names come from agents, so they are stripped of everything that a
/// terminal, or a shell into which a command is pasted, would interpret.</summary>
/// <param name="nameOf">The name under which an agent is shown, e.g. <c>gandalf</c> or <c>gandalf~3f2a</c>.</param>
public sealed class AgentNames(Func<AgentId, string> nameOf)
{
    private const int ShownMax = 4; // a sentence with more names than this is not read

    /// <summary>The name within a sentence. A name of other characters than names may have is replaced by the id.</summary>
    public string Of(AgentId agent)
    {
        var name = nameOf(agent);
        return name.Length is > 0 and <= 64 + 33 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '~') && name[0] is not ('~' or '-')
            ? name
            : agent.ToString();
    }

    /// <summary>The name at the start of a sentence.</summary>
    public string Start(AgentId agent)
    {
        var name = Of(agent);
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    /// <summary>The event as people type it: <c>gandalf:42</c>, <c>gandalf@2:42</c>.</summary>
    public string Of(EventId id) => string.Create(CultureInfo.InvariantCulture, $"{Of(id.Chain)}:{id.Sequence}");

    /// <summary>The chain as people type it: <c>gandalf</c>, <c>gandalf@2</c>, <c>gandalf/1</c> for a branch.</summary>
    public string Of(ChainId chain) => string.Create(
        CultureInfo.InvariantCulture, $"{Of(chain.Agent)}{(chain.Epoch == 1 ? "" : $"@{chain.Epoch}")}{(chain.Branch == 0 ? "" : $"/{chain.Branch}")}");

    /// <summary>A range: one event, or <c>gandalf:40 to gandalf:42</c>.</summary>
    public string Of(EventRange range) => range.First == range.Last
        ? Of(range.Chain[range.First])
        : $"{Of(range.Chain[range.First])} to {Of(range.Chain[range.Last])}";

    /// <summary>A few names: "gimli", "gimli and frodo", "gimli, frodo, legolas, jake and 7 more"; "nobody" for none.</summary>
    public string Of(IReadOnlyList<AgentId> agents)
    {
        if (agents.Count == 0) return "nobody";
        if (agents.Count == 1) return Of(agents[0]);
        var shown = agents.Count <= ShownMax ? agents.Count - 1 : ShownMax;
        var last = agents.Count <= ShownMax ? Of(agents[^1]) : string.Create(CultureInfo.InvariantCulture, $"{agents.Count - ShownMax} more");
        return string.Join(", ", agents.Take(shown).Select(Of)) + " and " + last;
    }
}
