using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What to type next. Beside the data, so that pipes stay clean.</summary>
internal static class Hints
{
    /// <summary>Writes one line per hint: the command, then what it is for.</summary>
    public static void Write(Terminal terminal, params ReadOnlySpan<(string Command, string For)> hints)
    {
        if (!terminal.ShowsHints) return;
        var width = 0;
        foreach (var (command, _) in hints) width = Math.Max(width, command.Length);
        for (var i = 0; i < hints.Length; i++)
            terminal.Note(i == 0 ? "  next: " : "        ", Styled.Command(hints[i].Command.PadRight(width)), Styled.Faint("  " + hints[i].For));
    }
}
