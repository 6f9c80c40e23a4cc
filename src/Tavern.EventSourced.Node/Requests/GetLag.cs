using MediatR;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Who is behind whom by how much. Asks the others.</summary>
/// <param name="Observer">Who asks; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
public sealed record GetLag(string? Observer = null, double DeadlineSeconds = 2) : IRequest<LagAnswer>;

/// <summary>A matrix of who has how much of whom.</summary>
/// <param name="Reading">What the asker has.</param>
/// <param name="Asked">Who was asked, and whether they answered.</param>
/// <param name="Agents">Per agent, by name.</param>
/// <param name="EventsBehindMax">Of the agents that answered, by how many events the last one is behind everything known.</param>
public sealed record LagAnswer(Reading Reading, IReadOnlyList<Asked> Asked, IReadOnlyList<LagRow> Agents, long EventsBehindMax) : Answer;

/// <summary>One agent.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Head">Its newest event that anyone who answered has; null for none.</param>
/// <param name="EventsBehind">How many of all known events it lacks; null when it did not answer.</param>
/// <param name="Holders">What each agent has of this one's events.</param>
public sealed record LagRow(AgentRef Agent, EventRef? Head, long? EventsBehind, IReadOnlyList<LagHolder> Holders);

/// <summary>What one agent has of another's events.</summary>
/// <param name="Holder">Who.</param>
/// <param name="Has">The highest sequence it has; a lower bound when it did not answer.</param>
/// <param name="Behind">How many it lacks, or at most lacks when it did not answer.</param>
/// <param name="Proven">True when it said so itself; false when only its own later events prove the lower bound.</param>
public sealed record LagHolder(AgentRef Holder, long Has, long Behind, bool Proven);

internal sealed class GetLagHandler(Observers observers, Others others) : IRequestHandler<GetLag, LagAnswer>
{
    public async Task<LagAnswer> Handle(GetLag request, CancellationToken cancellationToken)
    {
        var deadline = Others.Deadline(request.DeadlineSeconds);
        var asker = await observers.ReadAsync(request.Observer, witness => witness.Observer, cancellationToken);
        var round = await others.ClocksAsync(asker, deadline, cancellationToken);
        var everything = round.Everything;
        return await observers.ReadAsync(
            asker,
            witness =>
            {
                LagRow[] rows =
                [
                    .. round.Reports.Select(report => Row(witness, report, round, everything))
                        .OrderBy(row => row.Agent.Name, StringComparer.Ordinal),
                ];
                return new LagAnswer(witness.Reading, round.Asked, rows, rows.Max(row => row.EventsBehind) ?? 0);
            },
            cancellationToken);
    }

    private static LagRow Row(Witness witness, ClockReport report, ClockRound round, VectorClock everything) => new(
        witness.Of(report.Agent),
        Witness.HeadOf(everything, report.Agent) is { } head ? witness.Of(head) : null,
        report.Answered ? witness.History.Causality.CountOf(everything) - witness.History.Causality.CountOf(report.Clock) : null,
        [
            .. round.Reports.Select(holder => Holder(witness, holder, report.Agent, everything))
                .OrderBy(holder => holder.Holder.Name, StringComparer.Ordinal),
        ]);

    private static LagHolder Holder(Witness witness, ClockReport holder, AgentId of, VectorClock everything)
    {
        var latest = Witness.HeadOf(everything, of);
        var has = latest is { } head ? holder.Clock[head.Chain] : 0;
        long behind = 0;
        foreach (var (chain, sequence) in everything.Entries)
            if (chain.Agent == of) behind += sequence - Math.Max(holder.Clock[chain], witness.History.Causality.FirstOf(chain) - 1);
        return new LagHolder(witness.Of(holder.Agent), has, behind, holder.Answered);
    }
}
