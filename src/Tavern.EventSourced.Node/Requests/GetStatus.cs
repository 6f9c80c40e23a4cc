using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Who is up, do they agree, how much disk is used.</summary>
/// <param name="Observer">As seen by whom; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take to answer; 0 asks only agents of this node.</param>
public sealed record GetStatus(string? Observer = null, double DeadlineSeconds = 1) : IRequest<StatusAnswer>;

/// <summary>A tavern at a glance.</summary>
/// <param name="Tavern">Its id, 64 hexadecimal digits.</param>
/// <param name="TavernName">Its name.</param>
/// <param name="Running">False when a data folder was read and no node runs on it.</param>
/// <param name="StartedAt">When the node started.</param>
/// <param name="Gossip">Where the node listens for other nodes; null when it does not.</param>
/// <param name="DiskBytes">Size of the data folder.</param>
/// <param name="Reading">What the rows were read from.</param>
/// <param name="Agreement"><c>agree</c>: all known agents have the same events; <c>differ</c>; <c>unknown</c>: those who answered
/// have the same, but some did not answer.</param>
/// <param name="Asked">Who was asked for that, and whether they answered.</param>
/// <param name="News">What is not as it should be, worst first, one sentence each.</param>
/// <param name="Agents">By name.</param>
/// <param name="Problems">Those of the news that keep this node from writing and do not go away by themselves.</param>
public sealed record StatusAnswer(
    string Tavern,
    string TavernName,
    bool Running,
    DateTimeOffset StartedAt,
    string? Gossip,
    long DiskBytes,
    Reading Reading,
    string Agreement,
    IReadOnlyList<Asked> Asked,
    IReadOnlyList<string> News,
    IReadOnlyList<AgentRow> Agents,
    IReadOnlyList<string> Problems) : Answer;

internal sealed class GetStatusHandler(Observers observers, Others others) : IRequestHandler<GetStatus, StatusAnswer>
{
    public async Task<StatusAnswer> Handle(GetStatus request, CancellationToken cancellationToken)
    {
        var (node, deadline) = (observers.Node, Others.Deadline(request.DeadlineSeconds));
        var engine = await observers.EngineAsync(request.Observer, cancellationToken);
        var asker = await observers.ReadAsync(request.Observer, witness => witness.Observer, cancellationToken);
        var round = await others.ClocksAsync(asker, deadline, cancellationToken);
        var everything = round.Everything;
        var differ = round.Reports.Any(report => report.Answered && !report.Clock.Equals(everything));
        var agreement = differ ? "differ" : round.Reports.All(report => report.Answered) ? "agree" : "unknown";
        var disk = DataFolder.BytesOf(node.Options.DataFolder);
        return await observers.ReadAsync(
            asker,
            witness => new StatusAnswer(
                node.Tavern.ToString(), node.TavernName, !node.IsReadOnly, node.StartedAt, node.GossipAddress?.ToString(), disk, witness.Reading,
                agreement, round.Asked, StatusNews.Of(witness, engine, round), AgentRows.All(witness, engine), [.. StatusNews.Problems(witness, engine)]),
            cancellationToken);
    }
}
