using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Agents, one per line.</summary>
internal static class AgentsText
{
    private const int SilentAfter = 3; // one or two failures in a row happen to a node that starts

    /// <summary>As answered.</summary>
    public static void Show(Terminal terminal, AgentsAnswer answer)
    {
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        ShowRows(terminal, answer.Agents);
    }

    /// <summary>The table alone.</summary>
    public static void ShowRows(Terminal terminal, IReadOnlyList<AgentRow> agents)
    {
        var rows = new Columns("AGENT", "STATE", "AS OF", "TASK", "PROMISES", "HEAD", "AGE", "HEARD BY", "LINK");
        foreach (var agent in agents)
        {
            rows.Add(
                agent.Hosted ? Styled.Strong(agent.Agent.Name) : agent.Agent.Name,
                agent.Record is not null ? Styled.Faint("recorded") : agent.Retired ? Styled.Faint("retired") : StateOf(agent),
                agent.State?.Evidence.AsOf.Name ?? "-",
                agent.Task?.Value ?? "-",
                CommitmentsOf(agent.Commitments),
                agent.Head?.Name ?? "-",
                agent.HeadAgeSeconds is null ? "-" : Ages.Of(agent.HeadAgeSeconds),
                agent.HeardBy is null ? "-" : EvidenceText.Of(agent.HeardBy),
                LinkOf(agent));
        }

        rows.WriteTo(terminal);
    }

    private static Styled StateOf(AgentRow agent)
    {
        if (agent.ForkedAt is { } fork) return Styled.Bad($"FORKED at {fork.Name}");
        if (agent.State is not { } state) return Styled.Faint("-");
        var mark = state.Evidence.Contested ? " (contested)" : state.Evidence.Standing is "said" ? "" : $" ({state.Evidence.Standing})";
        var shown = EvidenceText.Value(state);
        return shown with { Text = shown.Text + mark };
    }

    // Kept means verified. What is merely claimed, or was found not to hold, is said beside it.
    private static string CommitmentsOf(CommitmentCounts counts)
    {
        if (counts.Made == 0) return "-";
        var parts = new List<string> { $"{counts.Complete} of {counts.Made} kept" };
        if (counts.Claimed > 0) parts.Add($"{counts.Claimed} claimed");
        if (counts.Failed > 0) parts.Add($"{counts.Failed} failed");
        if (counts.Disputed > 0) parts.Add($"{counts.Disputed} disputed");
        return string.Join(", ", parts);
    }

    private static Styled LinkOf(AgentRow agent) => agent.Link switch
    {
        null when agent.Hosted => Styled.Faint("here"),
        null => "-",
        { Paused: true } => Styled.Doubtful("paused"),
        { Liveness: "dead" } dead => Styled.Bad($"dead ({LivenessOf(dead)})"),
        { Liveness: "suspected" } suspected => Styled.Doubtful($"suspected ({LivenessOf(suspected)})"),
        { FailuresInARow: >= SilentAfter and var failures } => Styled.Bad($"silent ({failures} failures)"),
        { LastSuccess: null } => Styled.Faint("not met yet"),
        { FailuresInARow: > 0 } => Styled.Doubtful("failed just now"),
        { Agreed: true } => Styled.Good("agrees"),
        _ => "up",
    };

    /// <summary>Since when a link is as it is, and who found it so.</summary>
    public static string LivenessOf(Link link) => $"by {link.LivenessBy?.Name ?? "nobody"}, {Ages.Ago(link.LivenessAgeSeconds)}";
}
