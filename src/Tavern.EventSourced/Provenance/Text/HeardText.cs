using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>A <c>who-knows</c> answer for a terminal.</summary>
public static class HeardText
{
    /// <summary>The lines: the count, then who, who not, and who did not answer.</summary>
    public static ImmutableArray<string> Lines(Heard heard, AgentNames names)
    {
        var proven = heard.Holders.Intersect(heard.Unanswered).Order().ToList();
        var unknown = heard.Unanswered.Except(heard.Holders).ToList();
        var lines = ImmutableArray.CreateBuilder<string>();
        lines.Add($"{names.Of(heard.Event)} is known to {Phrases.Count(heard, names)}.");
        if (!heard.Holders.IsEmpty) lines.Add($"Has it: {All(heard.Holders)}.");
        if (proven.Count > 0) lines.Add($"Of these, proven by own later events, without an answer: {All(proven)}.");
        if (!heard.Without.IsEmpty) lines.Add($"Does not have it: {All(heard.Without)}.");
        if (unknown.Count > 0) lines.Add($"Not known: {All(unknown)}.");
        return lines.ToImmutable();

        string All(IEnumerable<AgentId> agents) => string.Join(", ", agents.Select(names.Of));
    }
}
