using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What to type next. Beside the data, so that pipes stay clean.</summary>
internal static class Hints
{
    /// <summary>Writes one line per hint: the command, then what it is for.</summary>
    public static void Write(Terminal terminal, params ReadOnlySpan<(string Command, string For)> hints)
    {
        if (!terminal.ShowsHints) return;
        var rows = new Columns();
        for (var i = 0; i < hints.Length; i++)
            rows.Add(Styled.Faint(i == 0 ? "next:" : ""), Styled.Command(WithTavern(terminal, hints[i].Command)), Styled.Faint(hints[i].For));
        rows.NoteTo(terminal, "  ");
    }

    /// <summary>The command, for the tavern that the person named.</summary>
    public static string WithTavern(Terminal terminal, string command) =>
        command.StartsWith("tavern ", StringComparison.Ordinal) && !command.Contains(" --data ", StringComparison.Ordinal) ? command + terminal.HintSuffix : command;
}
