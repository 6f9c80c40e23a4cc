using System.Text.Json;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A view.</summary>
internal static class StateText
{
    /// <summary>What it was folded from, and its hash.</summary>
    public static void ShowReading(Terminal terminal, StateAnswer answer)
    {
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        terminal.Line(Styled.Faint("view "), answer.ViewHash);
        foreach (var agent in Agents(answer))
            if (agent.GetProperty("forks").GetArrayLength() > 0)
                terminal.Line(Styled.Bad($"! {agent.GetProperty("name").GetString()} wrote two records in one place"), "; tavern show --forks has both lines");
    }

    private static List<JsonElement> Agents(StateAnswer answer) =>
        answer.Agent is null ? [.. answer.View.GetProperty("agents").EnumerateArray()] : [answer.View.GetProperty("agent")];

    /// <summary>The part about one agent.</summary>
    public static void Show(Terminal terminal, StateAnswer answer)
    {
        ShowReading(terminal, answer);
        if (answer.Agent is null) return;
        var rows = new Columns();
        foreach (var belief in answer.Beliefs) rows.Add(Styled.Faint(belief.Field), EvidenceText.Value(belief), Styled.Faint(EvidenceText.Of(belief.Evidence)));
        rows.WriteTo(terminal, "  ");
    }
}
