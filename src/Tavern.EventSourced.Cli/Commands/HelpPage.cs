using System.CommandLine;
using System.CommandLine.Invocation;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Writes the help of a command: what it does, how it is called, what can be typed as it stands.</summary>
internal sealed class HelpPage(Terminal terminal, GlobalOptions globals, IReadOnlyList<CommandGroup> groups) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command);
        return (int)ExitCode.Ok;
    }

    /// <summary>Writes the help of one command.</summary>
    public void Write(Command command)
    {
        if (command is RootCommand) WriteRoot(command);
        else WriteCommand(command);
        terminal.Line();
        terminal.Line(Styled.Strong("Everywhere"));
        WriteOptions(globals.All);
        terminal.Line("  Each can also be given as TAVERN_NODE, TAVERN_DATA, TAVERN_AS, TAVERN_KEYS, TAVERN_OUTPUT, or in the config file.");
    }

    private void WriteRoot(Command root)
    {
        terminal.Line(Styled.Strong("tavern"), ": " + root.Description);
        terminal.Line();
        terminal.Line("usage: ", Styled.Command("tavern COMMAND [arguments] [options]"));
        foreach (var group in groups)
        {
            terminal.Line();
            terminal.Line(Styled.Strong(group.Title));
            WriteCommands(group.Commands);
        }

        terminal.Line();
        terminal.Line("  'tavern COMMAND --help' shows arguments, options and examples of one command.");
    }

    private void WriteCommand(Command command)
    {
        terminal.Line(Styled.Strong(NameOf(command)), ": " + command.Description);
        terminal.Line();
        terminal.Line("usage: ", Styled.Command(UsageOf(command)));
        if (command is CliCommand { Details: { } details })
        {
            terminal.Line();
            foreach (var line in details.Split('\n')) terminal.Line("  " + line);
        }

        if (command.Subcommands.Any(subcommand => !subcommand.Hidden)) WriteSection("Commands", () => WriteCommands(command.Subcommands));
        if (command.Arguments.Any(argument => !argument.Hidden)) WriteSection("Arguments", () => WriteArguments(command.Arguments));
        if (command.Options.Any(option => !option.Hidden)) WriteSection("Options", () => WriteOptions(command.Options));
        if (command is not CliCommand { Examples: { IsEmpty: false } examples }) return;
        WriteSection("Examples", () =>
        {
            foreach (var example in examples)
            {
                var remark = example.IndexOf("  #", StringComparison.Ordinal);
                if (remark < 0) terminal.Line("  ", Styled.Command("tavern " + example));
                else terminal.Line("  ", Styled.Command("tavern " + example[..remark]), Styled.Faint(example[remark..]));
            }
        });
    }

    private void WriteSection(string title, Action body)
    {
        terminal.Line();
        terminal.Line(Styled.Strong(title));
        body();
    }

    private void WriteCommands(IEnumerable<Command> commands)
    {
        var rows = new Columns();
        foreach (var command in commands)
            if (!command.Hidden) rows.Add(Styled.Command(command.Name), command.Description);
        rows.WriteTo(terminal, "  ");
    }

    private void WriteArguments(IEnumerable<Argument> arguments)
    {
        var rows = new Columns();
        foreach (var argument in arguments)
            if (!argument.Hidden) rows.Add(Styled.Command(LabelOf(argument)), argument.Description);
        rows.WriteTo(terminal, "  ");
    }

    private void WriteOptions(IEnumerable<Option> options)
    {
        var rows = new Columns();
        foreach (var option in options)
        {
            if (option.Hidden) continue;
            var names = string.Join(", ", option.Aliases.Append(option.Name).Order(StringComparer.Ordinal).OrderBy(name => name.Length));
            rows.Add(Styled.Command(option.HelpName is { } value ? $"{names} {value}" : names), option.Description + (option.Required ? " (required)" : ""));
        }

        rows.WriteTo(terminal, "  ");
    }

    /// <summary>The words that call a command, from <c>tavern</c> on.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : "tavern";

    /// <summary>One line: the command, its arguments, and that it takes options.</summary>
    public static string UsageOf(Command command)
    {
        var words = new List<string> { NameOf(command) };
        if (command.Subcommands.Count > 0) words.Add("COMMAND");
        foreach (var argument in command.Arguments)
        {
            if (argument.Hidden) continue;
            var label = argument.Arity.MaximumNumberOfValues > 1 ? LabelOf(argument) + "..." : LabelOf(argument);
            words.Add(argument.Arity.MinimumNumberOfValues == 0 ? $"[{label}]" : label);
        }

        words.AddRange(command.Options.Where(option => option.Required).Select(option => $"{option.Name} {option.HelpName}"));
        words.Add("[options]");
        return string.Join(' ', words);
    }

    private static string LabelOf(Argument argument) => argument.HelpName ?? argument.Name.ToUpperInvariant();
}
