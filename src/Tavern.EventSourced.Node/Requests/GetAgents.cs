using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>All agents that an observer knows.</summary>
/// <param name="Observer">As seen by whom; by default the node's first agent.</param>
/// <param name="AsOf">A point in history; by default everything the observer has.</param>
public sealed record GetAgents(string? Observer = null, string? AsOf = null) : IRequest<AgentsAnswer>;

/// <summary>The agents.</summary>
/// <param name="Reading">What they were read from.</param>
/// <param name="Agents">By name.</param>
/// <param name="Unheard">Hosted agents that are not known to be anybody yet.</param>
public sealed record AgentsAnswer(Reading Reading, IReadOnlyList<AgentRow> Agents, IReadOnlyList<UnheardAgent> Unheard) : Answer;

internal sealed class GetAgentsHandler(Observers observers) : IRequestHandler<GetAgents, AgentsAnswer>
{
    public async Task<AgentsAnswer> Handle(GetAgents request, CancellationToken cancellationToken)
    {
        var engine = await observers.EngineAsync(request.Observer, cancellationToken);
        return await observers.ReadAsync(
            request.Observer,
            now =>
            {
                var witness = now.AsOf(request.AsOf);
                return new AgentsAnswer(witness.Reading, AgentRows.All(witness, engine), UnheardAgent.On(observers.Node, witness.History));
            },
            cancellationToken);
    }
}
