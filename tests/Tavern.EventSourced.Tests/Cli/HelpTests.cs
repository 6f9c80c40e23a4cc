using System.CommandLine;
using System.Text;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class HelpTests : IDisposable
{
    private readonly CliSandbox _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Every_command_has_help_with_examples()
    {
        foreach (var command in Commands())
        {
            var words = HelpPage.NameOf(command).Split(' ')[1..];
            var result = (await _cli.RunAsync([.. words, "--help"])).Expect(ExitCode.Ok);
            Assert.Empty(result.Error);
            Assert.Contains(HelpPage.UsageOf(command), result.Output, StringComparison.Ordinal);
            Assert.Contains("Examples", result.Output, StringComparison.Ordinal);
            Assert.Contains($"tavern {string.Join(' ', words)}", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_example_can_be_typed()
    {
        foreach (var command in Commands())
            foreach (var example in command.Examples)
            {
                var line = example.Split("  #")[0].Split(['|', '>', '&'])[0];
                var parse = Root().Parse(Words(line));
                Assert.True(parse.Errors.Count == 0, $"{HelpPage.NameOf(command)}: '{example}': {string.Join("; ", parse.Errors)}");
            }
    }

    [Fact]
    public void Every_command_argument_and_option_says_what_it_is()
    {
        foreach (var command in Commands())
        {
            Assert.EndsWith(".", command.Description, StringComparison.Ordinal);
            Assert.All(command.Arguments, argument => Assert.EndsWith(".", argument.Description, StringComparison.Ordinal));
            Assert.All(command.Options, option => Assert.EndsWith(".", option.Description, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_overview_lists_every_command_once()
    {
        var result = (await _cli.RunAsync("--help")).Expect(ExitCode.Ok);
        foreach (var command in Commands().Where(command => command.Parents.First() is RootCommand))
            Assert.Single(result.Output.Split('\n'), line => line.StartsWith($"  {command.Name} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_is_understood_as_a_word_too()
    {
        Assert.Equal((await _cli.RunAsync("--help")).Output, (await _cli.RunAsync("help")).Expect(ExitCode.Ok).Output);
        Assert.Equal((await _cli.RunAsync("task", "create", "--help")).Output, (await _cli.RunAsync("help", "task", "create")).Expect(ExitCode.Ok).Output);
    }

    private IEnumerable<CliCommand> Commands() => CommandLine().All.OfType<CliCommand>();

    private RootCommand Root() => (RootCommand)Commands().First().Parents.First();

    private TavernCommandLine CommandLine() => new(_cli.NewHost(new Terminal(TextWriter.Null, TextWriter.Null, false, false)));

    /// <summary>Splits at spaces outside double quotes, as a shell does with these examples.</summary>
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        foreach (var c in line + " ")
        {
            if (c == '"') quoted = !quoted;
            else if (c != ' ' || quoted) word.Append(c);
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return words;
    }
}
