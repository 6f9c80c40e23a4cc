using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern replay</c>: reads a log from the store, verifies it, and folds it from nothing.</summary>
internal static class ReplayCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var observer = Arg.Observer();
        var upTo = Arg.Option<string>("--up-to", "POINT", "Stop at a point in history; by default at the end of the log.");
        var close = Arg.Flag("--close", "Widen a cut that lacks causes instead of refusing it.");
        var command = new CliCommand(
            "replay",
            "Rebuild a view from the log alone, checking every hash, link and cause.",
            "replay",
            "replay --up-to gandalf:3 --close")
        {
            Options = { observer, upTo, close },
            Details = "Returns 6 when something does not hold.",
        };
        host.Reads(
            command,
            parse => new ReplayLog(parse.GetValue(observer), parse.GetValue(upTo), parse.GetValue(close)),
            ReplayText.Show,
            code: (_, answer) => answer.Verified ? ExitCode.Ok : ExitCode.VerificationFailed);
        return command;
    }
}
