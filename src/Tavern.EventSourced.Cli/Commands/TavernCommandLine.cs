using System.CommandLine;
using System.CommandLine.Help;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>The whole command: its tree, and what happens from the words typed to the exit code.</summary>
internal sealed class TavernCommandLine
{
    private readonly CommandHost _host;
    private readonly IReadOnlyList<CommandGroup> _groups;
    private readonly RootCommand _root;

    /// <summary>Builds the tree.</summary>
    public TavernCommandLine(CommandHost host)
    {
        _host = host;
        _groups = CommandTree.Build(host);
        _root = new RootCommand("agents with logs that survive, and the answer to \"why do these two disagree?\"");
        foreach (var option in host.Globals.All) _root.Options.Add(option);
        foreach (var command in _groups.SelectMany(group => group.Commands)) _root.Subcommands.Add(command);
        foreach (var help in _root.Options.OfType<HelpOption>()) help.Action = new HelpPage(host.Terminal, host.Globals, _groups);
        _root.SetAction(_ => FirstScreen.Write(host.Terminal, CurrentTavern.Read(host.Environment)));
    }

    /// <summary>Every command of the tree, for tests of what all of them promise.</summary>
    public IEnumerable<Command> All => Below(_root);

    /// <summary>Runs one command line to its end.</summary>
    /// <param name="args">The words after <c>tavern</c>.</param>
    /// <param name="interruption">Ctrl-C and its kin.</param>
    public async Task<ExitCode> RunAsync(IReadOnlyList<string> args, Interruption interruption)
    {
        if (args.Count > 0 && args[0] is "help") args = [.. args.Skip(1), "--help"]; // what half of all people type
        // A word may begin with @ or hold several dashes: neither files nor bundles are read into it.
        var parse = _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parse.Action is not HelpPage && UsageError.Of(parse, _groups) is { } usage) return Failure.Write(_host.Terminal, usage);
        try
        {
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // Interruption does that
                Output = _host.Terminal.LibraryOutput,
                Error = _host.Terminal.LibraryError,
            };
            var code = (ExitCode)await parse.InvokeAsync(invocation, interruption.Token);
            return code is ExitCode.Ok && interruption.ByKeyboard ? ExitCode.Interrupted : code; // a node that is told to stop ends well
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return interruption.Code;
        }
        catch (Exception e) when (Failure.Of(e) is { } failure)
        {
            return Failure.Write(_host.Terminal, failure);
        }
        catch (Exception e) // the border of the process: the person learns that it is not their fault, and has something to report
        {
            _host.Terminal.Note(Styled.Bad("tavern: "), "this is a fault of tavern, not yours:");
            FaultText.Write(_host.Terminal, e);
            return ExitCode.Fault;
        }
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);
}
