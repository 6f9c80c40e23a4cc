using System.Collections.Immutable;
using System.Globalization;

namespace Tavern.EventSourced.Provenance;

/// <summary>A list of disagreements for a terminal.</summary>
public static class DisagreementsText
{
    /// <summary>The lines: the answer first, then who is silent, then one sentence per difference, worst first.</summary>
    public static ImmutableArray<string> Lines(Disagreements all, AgentNames names)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Headline(all)}"));
        if (!all.Silent.IsEmpty) lines.Add($"No answer from {names.Of(all.Silent)}.");
        lines.AddRange(all.Differences.Select(difference => WhyText.Sentence(difference, names)));
        return lines.ToImmutable();
    }

    private static string Headline(Disagreements all) => (all.EveryoneAgrees, all.Differences.Length) switch
    {
        (true, _) => string.Create(CultureInfo.InvariantCulture, $"Everyone agrees ({all.Agents} agents)."),
        (_, 0) => string.Create(CultureInfo.InvariantCulture, $"All who answered agree ({all.Agents - all.Silent.Length} of {all.Agents} agents)."),
        (_, 1) => "1 disagreement.",
        (_, var count) => string.Create(CultureInfo.InvariantCulture, $"{count} disagreements, worst first."),
    };
}
