using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Turns what a node refused into what a command says.</summary>
internal static class Refusals
{
    /// <summary>The failure, with its exit code.</summary>
    public static CliException ToFailure(DoorException refusal)
    {
        var problem = refusal.Problem;
        return new CliException(CodeOf(problem.Type), problem.Detail, next: problem.Type switch
        {
            ProblemTypes.OpenCut => "add the missing events to the cut, or widen it with --close",
            ProblemTypes.HeadMoved when problem.Head is { } head => $"look at {head} and decide again",
            ProblemTypes.Internal => "look at what the node wrote where it runs",
            _ => null,
        });
    }

    private static ExitCode CodeOf(string type) => type switch
    {
        ProblemTypes.Invalid or ProblemTypes.TooLarge => ExitCode.Usage,
        ProblemTypes.NotFound or ProblemTypes.NotHosted => ExitCode.NotFound,
        ProblemTypes.TokenMissing or ProblemTypes.TokenWrong or ProblemTypes.ForeignOrigin => ExitCode.Denied,
        ProblemTypes.StoreUnavailable or ProblemTypes.NoNode => ExitCode.Unreachable,
        ProblemTypes.Internal => ExitCode.Fault,
        _ => ExitCode.Conflict,
    };
}
