using System.Text;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>Where a command writes: data to one stream, everything else to the other. Nothing else can reach them, and this writes safe text
/// and safe JSON alone: control characters from agents never reach a terminal, and colour appears only where it is wanted.</summary>
/// <param name="output">Data.</param>
/// <param name="error">Errors, notes, progress.</param>
/// <param name="colour">Colour on <paramref name="output"/>.</param>
/// <param name="errorColour">Colour on <paramref name="error"/>.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool colour, bool errorColour)
{
    private const string Reset = "\e[0m";

    private const string ClearLine = "\r\e[K";

    /// <summary>Takes bytes as they are: where data goes to a file or another program. Null where a person is watching.</summary>
    public Stream? Bytes { private get; init; }

    /// <summary>True when a person is watching what goes beside the data: progress may be drawn.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>True when a person is watching the data: hints about what to type next are welcome.</summary>
    public bool ShowsHints { get; init; } = true;

    /// <summary>What a person typed to name the tavern, e.g. <c> --data ./pony</c>: commands that are suggested need it too.</summary>
    public string HintSuffix { get; set; } = "";

    /// <summary>For libraries that write data themselves.</summary>
    public TextWriter LibraryOutput => new SafeWriter(output);

    /// <summary>For libraries that write errors themselves.</summary>
    public TextWriter LibraryError => new SafeWriter(error);

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess(Func<string, string?> variable)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var bytes = Console.OpenStandardOutput();
        var output = new StreamWriter(bytes, utf8) { AutoFlush = true };
        var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
        var errorColour = AllowsColour(variable, Console.IsErrorRedirected);
        return new Terminal(TextWriter.Synchronized(output), TextWriter.Synchronized(error), AllowsColour(variable, Console.IsOutputRedirected), errorColour)
        {
            Bytes = Console.IsOutputRedirected ? bytes : null,
            ShowsProgress = errorColour,
        };
    }

    /// <summary>Whether a stream may be coloured: it goes to a terminal, <c>NO_COLOR</c> is not set (no-color.org: or empty), and
    /// <c>TERM</c> is not <c>dumb</c>.</summary>
    public static bool AllowsColour(Func<string, string?> variable, bool redirected) =>
        !redirected && variable("NO_COLOR") is null or "" && variable("TERM") is not "dumb";

    /// <summary>Writes one line of data.</summary>
    public void Line(params ReadOnlySpan<Styled> parts) => output.WriteLine(Compose(parts, colour));

    /// <summary>Writes one line beside the data.</summary>
    public void Note(params ReadOnlySpan<Styled> parts) => error.WriteLine(Compose(parts, errorColour));

    /// <summary>Writes one JSON value as data, and a line end.</summary>
    public void Json(string json) => output.WriteLine(TerminalText.Json(json));

    /// <summary>Writes data as it is; false, and nothing, where a person would see it.</summary>
    public bool TryWriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (Bytes is not { } stream) return false;
        output.Flush();
        stream.Write(bytes);
        stream.Flush();
        return true;
    }

    /// <summary>Draws a line beside the data over the one drawn before, and stays on it; an empty one removes it.</summary>
    public void Redraw(SafeText text) => error.Write(ClearLine + text.Text);

    /// <summary>The same data stream with an indent before each line, and nothing beside it.</summary>
    public Terminal Indented(string indent) =>
        new(new IndentedWriter(output, indent), TextWriter.Null, colour, errorColour: false) { ShowsHints = false };

    private static string Compose(ReadOnlySpan<Styled> parts, bool colour)
    {
        var line = new StringBuilder();
        foreach (var part in parts)
        {
            var text = part.Text.Text;
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
