using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>Text that a terminal shows and does not obey. Text from agents may hold anything; this type can only be made by removing what
/// harms, and a <see cref="Terminal"/> writes nothing else, so no rendering can forget it.</summary>
internal readonly record struct SafeText
{
    private const int CharsMax = 2000; // half a screen; what is longer is shown whole in JSON

    private readonly string? _text;

    private SafeText(string text) => _text = text;

    /// <summary>The text, on one line.</summary>
    public string Text => _text ?? "";

    /// <summary>Its length in characters.</summary>
    public int Length => Text.Length;

    /// <summary>Makes any text safe.</summary>
    public static implicit operator SafeText(string? untrusted) => OneLine(untrusted);

    /// <summary>Both, one after the other.</summary>
    public static SafeText operator +(SafeText left, SafeText right) => new(left.Text + right.Text);

    /// <summary>Makes any text safe; see <see cref="TerminalText.Plain"/> for what that does.</summary>
    /// <param name="untrusted">Any text; null is empty.</param>
    /// <param name="charsMax">Longer text is cut and ends in "..."; 2000 by default.</param>
    public static SafeText OneLine(string? untrusted, int charsMax = CharsMax) => new(TerminalText.Plain(untrusted ?? "", charsMax));

    /// <summary>The text, on one line.</summary>
    public override string ToString() => Text;
}
