using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Finds the agents that people name.</summary>
internal static class AgentLookup
{
    private const int ShownMax = 8; // as many as a person reads in an error message

    /// <summary>The agent of a name or id.</summary>
    /// <exception cref="RefusedException">It is not known, or fits several.</exception>
    public static AgentId Require(NameTable names, string text, IEnumerable<AgentId>? known = null) => names.Find(text) switch
    {
        NameLookup.Found found => found.Agent,
        NameLookup.Ambiguous several => throw new RefusedException(new Problem(
            ProblemTypes.Ambiguous, "The name fits several", 409, $"'{text}' fits {string.Join(", ", several.Names)}. Use one of " +
                $"these, or the id.")),
        _ => throw RefusedException.NotFound(
            $"No agent is known by the name '{text}' here{Known(names, known)}. 'tavern agents' lists them."),
    };

    private static string Known(NameTable names, IEnumerable<AgentId>? known)
    {
        if (known is null) return "";
        var shown = known.Take(ShownMax + 1).Select(names.DisplayNameOf).ToList();
        return shown.Count > ShownMax ? $"; known are {string.Join(", ", shown.Take(ShownMax))} and " +
            $"more" : $"; known are {string.Join(", ", shown)}";
    }
}
