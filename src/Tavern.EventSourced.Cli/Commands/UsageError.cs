using System.CommandLine;
using System.CommandLine.Parsing;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Turns a command line that cannot be parsed into one failure: the first thing that was wrong, and the closest right one.</summary>
internal static class UsageError
{
    /// <summary>The failure; null when there is none.</summary>
    public static CliException? Of(ParseResult parse, IReadOnlyList<CommandGroup> groups)
    {
        if (parse.Errors.Count == 0) return null;
        var command = parse.CommandResult.Command;
        var stranger = parse.UnmatchedTokens.Count > 0 ? parse.UnmatchedTokens[0] : null;
        if (stranger is not null && stranger.StartsWith('-')) return UnknownOption(command, stranger);
        if (command.Subcommands.Count > 0 && (stranger is not null || command is not RootCommand)) return UnknownCommand(command, stranger, groups);
        if (stranger is not null)
            return new CliException(ExitCode.Usage, $"'{stranger}' is one word too many.", HelpPage.UsageOf(command), "put a text of several words in quotes");
        return new CliException(ExitCode.Usage, Sentence(parse.Errors[0]), HelpPage.UsageOf(command), HelpPage.NameOf(command) + " --help");
    }

    private static CliException UnknownOption(Command command, string typed)
    {
        var known = Visible(command).SelectMany(option => option.Aliases.Append(option.Name)).ToList();
        return new CliException(
            ExitCode.Usage,
            $"'{typed}' is not an option of {HelpPage.NameOf(command)}.",
            Suggestions.Of(typed.Split('=')[0], known),
            HelpPage.NameOf(command) + " --help");
    }

    private static CliException UnknownCommand(Command command, string? typed, IReadOnlyList<CommandGroup> groups)
    {
        var known = command.Subcommands.Where(subcommand => !subcommand.Hidden).Select(subcommand => subcommand.Name).ToList();
        var name = HelpPage.NameOf(command);
        if (typed is null) return new CliException(ExitCode.Usage, $"{name} lacks a command.", $"one of {string.Join(", ", known)}", name + " --help");
        var closest = Suggestions.ClosestTo(typed, known);
        return new CliException(
            ExitCode.Usage,
            $"'{typed}' is not a command of {name}.",
            Suggestions.Of(typed, known) ?? (command is RootCommand ? $"one of {groups.Sum(group => group.Commands.Count)} commands" : $"one of {string.Join(", ", known)}"),
            closest.Count == 1 ? $"{name} {closest[0]} --help" : name + " --help");
    }

    private static IEnumerable<Option> Visible(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(Visible).Where(option => option.Recursive)).Where(option => !option.Hidden);

    private static string Sentence(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Tokens.Count: 0 } missing when missing.Argument.Arity.MinimumNumberOfValues > 0 && missing.Parent is CommandResult =>
            $"{missing.Argument.Name.ToUpperInvariant()} is missing: {missing.Argument.Description}",
        _ => error.Message,
    };
}
