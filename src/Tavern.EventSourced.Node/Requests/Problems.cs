using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Turns what handlers throw into problems that people can act on. The one place where that is decided.</summary>
public static class Problems
{
    /// <summary>The problem; null for a fault of the program, which nobody but its makers can act on.</summary>
    public static Problem? Of(Exception refusal) => refusal switch
    {
        RefusedException refused => refused.Problem,
        MalformedRecordException malformed => new Problem(ProblemTypes.Invalid, "The request is not valid", 400, malformed.Message),
        StoreUnavailableException unavailable => new Problem(ProblemTypes.StoreUnavailable, "The store cannot commit now", 503, unavailable.Message),
        _ => null,
    };

    /// <summary>The problem for a fault of the program: says nothing that a log should say.</summary>
    public static Problem Fault { get; } = new(
        ProblemTypes.Internal, "A fault of the node", 500, "The node failed to answer; nothing was written. Its error output says why.");
}
