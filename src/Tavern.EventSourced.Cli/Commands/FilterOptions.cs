using System.Buffers;
using System.CommandLine;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Options that say which events of a log are wanted: the same wherever a log is read.</summary>
internal sealed class FilterOptions
{
    private static readonly SearchValues<char> PointMarks = SearchValues.Create(":/@,.=");

    /// <summary><c>--no-text</c>.</summary>
    public Option<bool> NoText { get; } = Arg.Flag("--no-text", "Leave out what payloads say.");

    private Option<string[]> Types { get; } = Arg.List("--type", "TYPE", "Only events of these types, e.g. TaskStarted,TaskCompleted.");

    private Option<string[]> Agents { get; } = Arg.List("--agent", "AGENT", "Only events that these agents wrote, e.g. gandalf,frodo.");

    private Option<string?> Text { get; } = Arg.Option<string>("-q", "TEXT", "Only events with this in their type or in a text of their payload, upper and lower case alike.");

    private Option<string?> Since { get; } = Arg.Option<string>("--since", "POINT", "Only what is not known at a point: gandalf:42, -5m, 2026-11-22T09:14Z.");

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        Text.Aliases.Add("--query");
        foreach (var option in (Option[])[Types, Agents, Text, Since, NoText]) command.Options.Add(option);
    }

    /// <summary>What was typed.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="what">An agent or a point, when the command takes one; null for none.</param>
    public EventFilter Read(ParseResult parse, string? what = null)
    {
        var agents = parse.GetValue(Agents) ?? [];
        return new EventFilter
        {
            Agents = what is not null && IsAgent(what) ? [what, .. agents] : agents,
            Types = parse.GetValue(Types) ?? [],
            Text = parse.GetValue(Text),
            Since = parse.GetValue(Since),
            Within = what is not null && !IsAgent(what) ? what : null,
        };
    }

    /// <summary>The same as words of a command that can be pasted; empty, or with a space in front.</summary>
    public string Words(ParseResult parse)
    {
        var words = new List<string>();
        foreach (var option in (Option<string[]>[])[Agents, Types])
            if (parse.GetValue(option) is { Length: > 0 } values) words.Add($"{option.Name} {ShellWord.Of(string.Join(',', values))}");
        foreach (var option in (Option<string?>[])[Text, Since])
            if (parse.GetValue(option) is { } value) words.Add($"{option.Name} {ShellWord.Of(value)}");
        if (parse.GetValue(NoText)) words.Add(NoText.Name);
        return string.Concat(words.Select(word => " " + word));
    }

    // A name alone would also be a point, its agent's head: here it means what the agent wrote.
    private static bool IsAgent(string what) => !what.AsSpan().ContainsAny(PointMarks);
}
