namespace Tavern.EventSourced.Node.Requests;

/// <summary>A request cannot be carried out as it was put.</summary>
public sealed class RefusedException(Problem problem) : Exception(problem.Detail)
{
    /// <summary>What was refused and why.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>400: the request cannot be read or a value is out of range.</summary>
    public static RefusedException Invalid(string detail) =>
        new(new Problem(ProblemTypes.Invalid, "The request is not valid", 400, detail));

    /// <summary>404: nothing of that name is known.</summary>
    public static RefusedException NotFound(string detail) => new(new Problem(ProblemTypes.NotFound, "Not found", 404, detail));

    /// <summary>409: everybody's folds would ignore the event.</summary>
    public static RefusedException WouldBeIgnored(string detail) =>
        new(new Problem(ProblemTypes.WouldBeIgnored, "Everybody would ignore this event", 409, detail));
}
