using System.CommandLine;
using MediatR;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Finds the way to a tavern: to the node that runs, or to the data folder itself.</summary>
/// <param name="settings">What the person said.</param>
/// <param name="write">True when the request changes something, so that only a running node will do.</param>
/// <param name="cancellationToken">Ends the search.</param>
internal delegate Task<IDoor> OpenDoor(CliSettings settings, bool write, CancellationToken cancellationToken);

/// <summary>What all commands share: where they write, what they find around them, and how a request becomes an answer on the
/// screen.</summary>
internal sealed class CommandHost(Terminal terminal, CliEnvironment environment, TimeProvider time, OpenDoor openDoor)
{
    /// <summary>Where commands write.</summary>
    public Terminal Terminal { get; } = terminal;

    /// <summary>Variables and folders.</summary>
    public CliEnvironment Environment { get; } = environment;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Options that every command takes.</summary>
    public GlobalOptions Globals { get; } = new();

    /// <summary>The settings that hold for one command.</summary>
    public CliSettings Settings(ParseResult parse)
    {
        var settings = CliSettings.Read(parse, Globals, Environment);
        Terminal.HintSuffix =
            (parse.GetValue(Globals.Node) is { } node ? $" --node {ShellWord.Of(node)}" : "")
            + (parse.GetValue(Globals.Data) is { } data ? $" --data {ShellWord.Of(data)}" : "");
        return settings;
    }

    /// <summary>Opens the way to the tavern.</summary>
    public async Task<IDoor> OpenAsync(CliSettings settings, bool write, CancellationToken cancellationToken) =>
        new SuggestingDoor(await openDoor(settings, write, cancellationToken));

    /// <summary>Makes a command that sends one reading request and shows its answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="request">Makes the request from what was typed.</param>
    /// <param name="show">Writes the answer for people.</param>
    /// <param name="items">The lines of <c>-o ndjson</c>; by default the whole answer is one.</param>
    /// <param name="code">The exit code; by default 0.</param>
    public void Reads<TAnswer>(
        CliCommand command,
        Func<ParseResult, IRequest<TAnswer>> request,
        Action<Terminal, TAnswer> show,
        Func<TAnswer, IEnumerable<object>>? items = null,
        Func<ParseResult, TAnswer, ExitCode>? code = null)
        where TAnswer : Answer =>
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = Settings(parse);
            await using var door = await OpenAsync(settings, write: false, cancellationToken);
            var answer = await door.SendAsync(request(parse), cancellationToken);
            Show(settings.Output, answer, show, items);
            return (int)(code?.Invoke(parse, answer) ?? ExitCode.Ok);
        });

    /// <summary>Makes a command that writes as one agent and shows what was written.</summary>
    /// <param name="command">The command.</param>
    /// <param name="request">Makes the request from what was typed and from who writes.</param>
    /// <param name="show">Writes the answer for people.</param>
    public void Writes<TAnswer>(CliCommand command, Func<ParseResult, string, IRequest<TAnswer>> request, Action<Terminal, TAnswer> show)
        where TAnswer : Answer =>
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = Settings(parse);
            await using var door = await OpenAsync(settings, write: true, cancellationToken);
            var agent = await Writer.ResolveAsync(door, settings.As, cancellationToken);
            Show(settings.Output, await door.SendAsync(request(parse, agent), cancellationToken), show);
            return (int)ExitCode.Ok;
        });

    /// <summary>Writes an answer in the format asked for.</summary>
    public void Show<TAnswer>(OutputFormat format, TAnswer answer, Action<Terminal, TAnswer> show, Func<TAnswer, IEnumerable<object>>? items = null)
        where TAnswer : notnull
    {
        switch (format)
        {
            case OutputFormat.Json:
                JsonOutput.Write(Terminal, answer, indented: true);
                break;
            case OutputFormat.Ndjson:
                foreach (var item in items?.Invoke(answer) ?? [answer]) JsonOutput.Write(Terminal, item, indented: false);
                break;
            default:
                show(Terminal, answer);
                break;
        }
    }
}
