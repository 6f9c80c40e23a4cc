namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>How a piece of text is shown where colour is allowed. Never the only carrier of a meaning.</summary>
internal enum TextStyle
{
    /// <summary>As the terminal shows text.</summary>
    Plain,

    /// <summary>Bold: what the eye should find first.</summary>
    Strong,

    /// <summary>Dim: what may be skipped.</summary>
    Faint,

    /// <summary>Green.</summary>
    Good,

    /// <summary>Red.</summary>
    Bad,

    /// <summary>Yellow.</summary>
    Doubtful,

    /// <summary>Cyan: something to type.</summary>
    Command,
}

/// <summary>A piece of a line. Any text may be given: it becomes a <see cref="SafeText"/>.</summary>
internal readonly record struct Styled(SafeText Text, TextStyle Style = TextStyle.Plain)
{
    /// <summary>Plain text.</summary>
    public static implicit operator Styled(string? text) => new(text);

    /// <summary>Bold.</summary>
    public static Styled Strong(string text) => new(text, TextStyle.Strong);

    /// <summary>Dim.</summary>
    public static Styled Faint(string text) => new(text, TextStyle.Faint);

    /// <summary>Green.</summary>
    public static Styled Good(string text) => new(text, TextStyle.Good);

    /// <summary>Red.</summary>
    public static Styled Bad(string text) => new(text, TextStyle.Bad);

    /// <summary>Yellow.</summary>
    public static Styled Doubtful(string text) => new(text, TextStyle.Doubtful);

    /// <summary>Something to type.</summary>
    public static Styled Command(string text) => new(text, TextStyle.Command);

    /// <summary>The text alone.</summary>
    public override string ToString() => Text.Text;
}
