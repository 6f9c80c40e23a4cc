using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Do all agents have the same events? Asks the others.</summary>
/// <param name="Observer">Who asks; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
public sealed record GetConvergence(string? Observer = null, double DeadlineSeconds = 2) : IRequest<ConvergenceAnswer>;

/// <summary>Whether clocks are equal.</summary>
/// <param name="Reading">What the asker has.</param>
/// <param name="Converged">True when every known agent that is not retired answered, and all clocks are equal.</param>
/// <param name="Silent">How many did not answer.</param>
/// <param name="Behind">Who lacks events that another has, and how many.</param>
/// <param name="Asked">Who was asked, and whether they answered.</param>
public sealed record ConvergenceAnswer(
    Reading Reading, bool Converged, int Silent, IReadOnlyList<BehindLine> Behind, IReadOnlyList<Asked> Asked) : Answer;

/// <summary>An agent that lacks events.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Events">How many of all known events it lacks.</param>
public sealed record BehindLine(AgentRef Agent, long Events);

internal sealed class GetConvergenceHandler(Observers observers, Others others) : IRequestHandler<GetConvergence, ConvergenceAnswer>
{
    public async Task<ConvergenceAnswer> Handle(GetConvergence request, CancellationToken cancellationToken)
    {
        var deadline = Others.Deadline(request.DeadlineSeconds);
        var asker = await observers.ReadAsync(request.Observer, witness => witness.Observer, cancellationToken);
        var round = await others.ClocksAsync(asker, deadline, cancellationToken);
        var everything = round.Everything;
        var silent = round.Reports.Count(report => !report.Answered);
        return await observers.ReadAsync(
            asker,
            witness =>
            {
                var events = witness.History.Causality;
                BehindLine[] behind =
                [
                    .. round.Reports.Where(report => report.Answered && !report.Clock.Equals(everything))
                        .Select(report => new BehindLine(witness.Of(report.Agent), events.CountOf(everything) - events.CountOf(report.Clock)))
                        .OrderByDescending(line => line.Events).ThenBy(line => line.Agent.Name, StringComparer.Ordinal),
                ];
                return new ConvergenceAnswer(witness.Reading, silent == 0 && behind.Length == 0, silent, behind, round.Asked);
            },
            cancellationToken);
    }
}
