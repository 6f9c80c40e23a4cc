using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>A request was refused. The message is the problem's detail.</summary>
public sealed class DoorException(Problem problem) : Exception(problem.Detail)
{
    /// <summary>What was refused and why.</summary>
    public Problem Problem { get; } = problem;
}
