using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Turns what handlers throw into problems that people can act on. The one place where that is decided.</summary>
public static class Problems
{
    /// <summary>The problem; null for a fault of the program, which nobody but its makers can act on.</summary>
    public static Problem? Of(Exception refusal) => refusal switch
    {
        RefusedException refused => refused.Problem,
        MalformedHistoryException history => new Problem(ProblemTypes.Invalid, "Not such a recorded history", 400, history.Message),
        MalformedRecordException malformed => new Problem(ProblemTypes.Invalid, "The request is not valid", 400, malformed.Message),
        PointSyntaxException point => new Problem(ProblemTypes.Invalid, "The request is not valid", 400, point.Message),
        TooManyHostedException many => new Problem(ProblemTypes.TooLarge, "Too many agents on one node", 413, many.Message),
        AgentNotHostedException elsewhere => new Problem(ProblemTypes.NotHosted, "Not hosted here", 404, elsewhere.Message),
        IdempotencyConflictException conflict => new Problem(
            ProblemTypes.IdempotencyConflict, "The idempotency key was used for another request", 409, conflict.Message),
        AppendRefusedException { Reason: AppendRefusal.TooLarge } large => new Problem(ProblemTypes.TooLarge, "Too large", 413, large.Message),
        AppendRefusedException refused => new Problem(ProblemTypes.CannotWrite, "The agent cannot write now", 409, refused.Message),
        PositionMovedException moved => new Problem(ProblemTypes.PositionMoved, "The subscription stands elsewhere", 412, moved.Message)
        { Position = moved.Position },
        NodeReadOnlyException offline => new Problem(ProblemTypes.NoNode, "No node is running", 503, offline.Message),
        StoreUnavailableException unavailable => new Problem(ProblemTypes.StoreUnavailable, "The store cannot commit now", 503, unavailable.Message),
        _ => null,
    };

    /// <summary>The problem for a fault of the program: says nothing that a log should say.</summary>
    public static Problem Fault { get; } = new(
        ProblemTypes.Internal, "A fault of the node", 500, "The node failed to answer; nothing was written. Its error output says why.");
}
