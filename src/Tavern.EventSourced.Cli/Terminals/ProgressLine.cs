namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>One line that says how far something is, drawn over itself beside the data; nothing where nobody watches.</summary>
internal sealed class ProgressLine(Terminal terminal)
{
    private SafeText _shown;

    /// <summary>Shows a text in place of the one before.</summary>
    public void Set(SafeText text)
    {
        if (!terminal.ShowsProgress || text == _shown) return;
        _shown = text;
        terminal.Redraw(text);
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_shown.Length == 0) return;
        _shown = default;
        terminal.Redraw(default);
    }
}
