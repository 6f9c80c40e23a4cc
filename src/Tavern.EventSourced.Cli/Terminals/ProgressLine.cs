namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>One line that says how far something is, drawn over itself beside the data; nothing where nobody watches.</summary>
internal sealed class ProgressLine(Terminal terminal)
{
    private const string ClearLine = "\r\e[K";

    private string _shown = "";

    /// <summary>Shows a text in place of the one before.</summary>
    public void Set(string text)
    {
        if (!terminal.ShowsProgress || text == _shown) return;
        _shown = text;
        terminal.Error.Write(ClearLine + SafeText.OneLine(text));
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_shown.Length == 0) return;
        _shown = "";
        terminal.Error.Write(ClearLine);
    }
}
