using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class TerminalTests
{
    [Theory]
    [InlineData(null, "xterm", false, true)]
    [InlineData(null, "xterm", true, false)]
    [InlineData("", "xterm", false, true)]
    [InlineData("1", "xterm", false, false)]
    [InlineData("0", "xterm", false, false)]
    [InlineData(null, "dumb", false, false)]
    public void Colour_needs_a_terminal_and_no_NO_COLOR(string? noColor, string term, bool redirected, bool allowed) =>
        Assert.Equal(allowed, Terminal.AllowsColour(name => name is "NO_COLOR" ? noColor : name is "TERM" ? term : null, redirected));

    [Fact]
    public void Without_colour_no_escape_is_written()
    {
        var (output, error) = Write(colour: false);
        Assert.DoesNotContain('\e', output + error);
        Assert.Equal("good bad\n", output);
    }

    [Fact]
    public void With_colour_only_the_terminal_itself_writes_escapes()
    {
        var (output, _) = Write(colour: true);
        Assert.Equal("\e[32mgood\e[0m bad\n", output);
    }

    [Fact]
    public void Columns_line_up_and_the_last_is_not_padded()
    {
        var output = new StringWriter();
        var rows = new Columns("A", "LONG", "C");
        rows.Add("wide cell", "x", "end");
        rows.Add("\ec", "yy", "");
        rows.WriteTo(new Terminal(output, TextWriter.Null, false, false));
        Assert.Equal("A          LONG  C\nwide cell  x     end\nc          yy\n", output.ToString());
    }

    private static (string Output, string Error) Write(bool colour)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, error, colour, colour);
        terminal.Line(Styled.Good("good"), " ", "\ebad");
        terminal.Note(Styled.Bad("note"));
        return (output.ToString(), error.ToString());
    }
}
