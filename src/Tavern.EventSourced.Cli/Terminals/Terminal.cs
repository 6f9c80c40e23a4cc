using System.Text;

namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>Where a command writes: data to one stream, everything else to the other. All text passes here, so that control
/// characters from agents never reach a terminal and colour appears only where it is wanted.</summary>
/// <param name="output">Data.</param>
/// <param name="error">Errors, notes, progress.</param>
/// <param name="colour">Colour on <paramref name="output"/>.</param>
/// <param name="errorColour">Colour on <paramref name="error"/>.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool colour, bool errorColour)
{
    private const string Reset = "\e[0m";

    /// <summary>Data goes here, one value after another.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Errors, notes and progress go here.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>True when a person is watching <see cref="Error"/>: progress may be drawn.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>True when a person is watching <see cref="Output"/>: hints about what to type next are welcome.</summary>
    public bool ShowsHints { get; init; } = true;

    /// <summary>What a person typed to name the tavern, e.g. <c> --data ./pony</c>: commands that are suggested need it too.</summary>
    public string HintSuffix { get; set; } = "";

    /// <summary>True when <see cref="Output"/> may be coloured.</summary>
    public bool Colour => colour;

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess(Func<string, string?> variable)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true };
        var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
        var errorColour = AllowsColour(variable, Console.IsErrorRedirected);
        return new Terminal(TextWriter.Synchronized(output), TextWriter.Synchronized(error), AllowsColour(variable, Console.IsOutputRedirected), errorColour)
        {
            ShowsProgress = errorColour,
        };
    }

    /// <summary>Whether a stream may be coloured: it goes to a terminal, <c>NO_COLOR</c> is not set (no-color.org: or empty), and
    /// <c>TERM</c> is not <c>dumb</c>.</summary>
    public static bool AllowsColour(Func<string, string?> variable, bool redirected) =>
        !redirected && variable("NO_COLOR") is null or "" && variable("TERM") is not "dumb";

    /// <summary>Writes one line of data.</summary>
    public void Line(params ReadOnlySpan<Styled> parts) => Output.WriteLine(Compose(parts, colour));

    /// <summary>Writes one line beside the data.</summary>
    public void Note(params ReadOnlySpan<Styled> parts) => Error.WriteLine(Compose(parts, errorColour));

    private static string Compose(ReadOnlySpan<Styled> parts, bool colour)
    {
        var line = new StringBuilder();
        foreach (var part in parts)
        {
            var text = SafeText.OneLine(part.Text);
            if (colour && part.Style is not TextStyle.Plain && text.Length > 0) line.Append(Code(part.Style)).Append(text).Append(Reset);
            else line.Append(text);
        }

        return line.ToString().TrimEnd(' ');
    }

    private static string Code(TextStyle style) => style switch
    {
        TextStyle.Strong => "\e[1m",
        TextStyle.Faint => "\e[2m",
        TextStyle.Good => "\e[32m",
        TextStyle.Bad => "\e[31m",
        TextStyle.Doubtful => "\e[33m",
        TextStyle.Command => "\e[36m",
        _ => "",
    };
}
