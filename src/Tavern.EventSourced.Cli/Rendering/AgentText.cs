using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>One agent, whole.</summary>
internal static class AgentText
{
    /// <summary>Who, then every field with its evidence.</summary>
    public static void Show(Terminal terminal, AgentAnswer answer)
    {
        var row = answer.Row;
        terminal.Line(Styled.Strong(row.Agent.Name), row.Retired ? "  retired" : "", row.Role is { } role ? "  " + role : "");
        terminal.Line(Styled.Faint("  " + ReadingText.Of(answer.Reading)));
        var rows = new Columns();
        foreach (var belief in answer.Beliefs) rows.Add(Styled.Faint(belief.Field), EvidenceText.Value(belief), Styled.Faint(EvidenceText.Of(belief.Evidence)));
        rows.WriteTo(terminal, "  ");
        var facts = new Columns();
        if (row.Head is { } head) facts.Add(Styled.Faint("head"), $"{head.Name}, {Ages.Ago(row.HeadAgeSeconds)}");
        if (row.ForkedAt is { } fork) facts.Add(Styled.Faint("forked"), Styled.Bad($"it wrote two records in one place: {fork.Name}; tavern show --forks"));
        facts.Add(Styled.Faint("parent"), row.Parent?.Name ?? "none: the root");
        if (answer.Children.Count > 0) facts.Add(Styled.Faint("vouched for"), string.Join(", ", answer.Children.Select(child => child.Name)));
        if (answer.Addresses.Count > 0) facts.Add(Styled.Faint("reached at"), string.Join(", ", answer.Addresses));
        if (row.Link is { Failure: { } failure, FailuresInARow: > 0 } link) facts.Add(Styled.Faint("link"), $"{link.FailuresInARow} failures in a row: {failure}");
        if (row.Link is { LivenessBy: not null } known) facts.Add(Styled.Faint(known.Liveness), AgentsText.LivenessOf(known));
        facts.Add(Styled.Faint("id"), row.Agent.Id);
        facts.WriteTo(terminal, "  ");
        Hints.Write(terminal, ($"tavern log {row.Agent.Name}", "what it wrote"), ($"tavern why {answer.Reading.Observer.Name} {row.Agent.Name}", "where the two differ"));
    }
}
