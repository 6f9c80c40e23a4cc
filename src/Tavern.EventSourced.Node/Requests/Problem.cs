namespace Tavern.EventSourced.Node.Requests;

/// <summary>Why a request was refused, in the form of RFC 9457.</summary>
/// <param name="Type">One of <see cref="ProblemTypes"/>.</param>
/// <param name="Title">The type in a few words.</param>
/// <param name="Status">HTTP status code.</param>
/// <param name="Detail">What was wrong, what was expected and what to do.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail)
{
    /// <summary>With <see cref="ProblemTypes.OpenCut"/>: events the cut lacks, as names.</summary>
    public IReadOnlyList<string>? Missing { get; init; }

    /// <summary>With <see cref="ProblemTypes.HeadMoved"/>: where the chain ends.</summary>
    public string? Head { get; init; }

    /// <summary>With <see cref="ProblemTypes.PositionMoved"/>: where the subscription stands.</summary>
    public long? Position { get; init; }
}
