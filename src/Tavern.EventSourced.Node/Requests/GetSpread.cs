using MediatR;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Who told whom about an event (`told`). Asks the others for their receipts; of a recorded event also who in its record had
/// heard it.</summary>
/// <param name="Event">Which.</param>
/// <param name="Observer">Who asks; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
public sealed record GetSpread(string Event, string? Observer = null, double DeadlineSeconds = 2) : IRequest<SpreadAnswer>;

/// <summary>The tree on which an event spread.</summary>
/// <param name="Event">Which.</param>
/// <param name="Type">Its type.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="HeardBy">How many have it.</param>
/// <param name="Hearers">Who, parents before children; the writer first.</param>
/// <param name="NotHeard">Who answered and does not have it.</param>
/// <param name="Asked">Who was asked, and whether they answered.</param>
/// <param name="Writer">Who wrote it.</param>
/// <param name="Record">The recorded history it comes from; null for what was written here. The tree is then that of the import.</param>
/// <param name="Recorded">Who in its record had heard it; null for what is no event of a record.</param>
public sealed record SpreadAnswer(
    EventRef Event,
    string Type,
    DateTimeOffset? WrittenAt,
    HeardBy HeardBy,
    IReadOnlyList<Hearer> Hearers,
    IReadOnlyList<AgentRef> NotHeard,
    IReadOnlyList<Asked> Asked,
    AgentRef Writer,
    RecordRef? Record,
    RecordedAudience? Recorded = null) : Answer;

/// <summary>A recorded history, named for people.</summary>
/// <param name="File">The file it was in.</param>
/// <param name="Format">The file's format.</param>
/// <param name="Historian">The agent that stands for it here.</param>
public sealed record RecordRef(string File, string Format, AgentRef Historian);

/// <summary>One agent that has the event.</summary>
/// <param name="Agent">Who.</param>
/// <param name="From">Who told it; null for the writer.</param>
/// <param name="At">When, by the hearer's clock; null for the writer.</param>
/// <param name="Hop">Exchanges between the writer and this agent.</param>
/// <param name="Mode">As in <see cref="Delivery"/>.</param>
/// <param name="Depth">Steps below the root of its part of the tree: how far to indent it.</param>
/// <param name="State"><c>wrote</c>, <c>delivered</c>, <c>imported</c>; <c>silent</c> or <c>unasked</c>: others name it as their source.</param>
/// <param name="Flaw">What does not fit, as one word; null for nothing.</param>
/// <param name="HopSeconds">Since the one who told it had it; null when either time is not known.</param>
/// <param name="TotalSeconds">Since it was written; null when either time is not known.</param>
public sealed record Hearer(
    AgentRef Agent,
    AgentRef? From,
    DateTimeOffset? At,
    int Hop,
    string Mode,
    int Depth,
    string State,
    string? Flaw,
    double? HopSeconds,
    double? TotalSeconds);

internal sealed class GetSpreadHandler(Observers observers, Others others) : IRequestHandler<GetSpread, SpreadAnswer>
{
    public async Task<SpreadAnswer> Handle(GetSpread request, CancellationToken cancellationToken)
    {
        var deadline = Others.Deadline(request.DeadlineSeconds);
        var (asker, id, hash, whom) = await observers.ReadAsync(
            request.Observer,
            witness =>
            {
                var id = witness.Event(request.Event);
                // Who speaks in a record lives nowhere: nobody is there to be asked.
                return (witness.Observer, id, witness.History.Record(id).Hash, (witness.RecordOf(id.Agent) is null ? witness.Living.Append(id.Agent) : witness.Living).Distinct().ToList());
            },
            cancellationToken);
        var replies = await others.AskAsync(asker, whom, new AskQuestion.Delivery(id.Main, hash), deadline, cancellationToken);
        var tree = SpreadTree.Of(id.Main, replies.Select(reply => new DeliveryReport(reply.Agent, reply.Answer)));
        return await observers.ReadAsync(
            asker,
            witness => new SpreadAnswer(
                witness.Of(id),
                witness.History.Record(id).Header.Type,
                tree.Written,
                new HeardBy(tree.Heard.Holders.Length, tree.Heard.Total, tree.Heard.Exact),
                [.. tree.Reached.Where(node => node.Agent != id.Agent || witness.RecordOf(id.Agent) is null).Select(node => HearerOf(witness, node, tree.Written))],
                witness.Of(tree.Heard.Without),
                Others.Lines(witness, replies),
                witness.Of(id.Agent),
                witness.RecordOf(id.Agent),
                RecordedAudiences.Find(witness, id)),
            cancellationToken);
    }

    private static Hearer HearerOf(Witness witness, SpreadNode node, DateTimeOffset? written) => new(
        witness.Of(node.Agent),
        node.From is { } from ? witness.Of(from) : null,
        node.At,
        node.Hop ?? 0,
        node.Mode?.ToString().ToLowerInvariant() ?? "unknown",
        node.Depth,
        node.State.ToString().ToLowerInvariant(),
        node.Flaw?.ToString(),
        node.LatencyMilliseconds / 1000.0,
        node.At - written is { } total ? total.TotalSeconds : null);
}
