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
    }

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
