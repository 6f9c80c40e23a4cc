using MediatR;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>One agent, with everything the observer believes about it.</summary>
/// <param name="Agent">Whom to show.</param>
/// <param name="Observer">As seen by whom; by default the agent itself when its log is here, else the node's first agent.</param>
public sealed record ShowAgent(string Agent, string? Observer = null) : IRequest<AgentAnswer>;

/// <summary>An agent.</summary>
/// <param name="Reading">What it was read from.</param>
/// <param name="Row">As in the list of agents.</param>
/// <param name="SpawnedBy">The event that vouches for it.</param>
/// <param name="Children">Agents it vouched for.</param>
/// <param name="Addresses">Where it can be reached, best first.</param>
/// <param name="Beliefs">All fields, by name.</param>
public sealed record AgentAnswer(
    Reading Reading,
    AgentRow Row,
    EventRef? SpawnedBy,
    IReadOnlyList<AgentRef> Children,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<Belief> Beliefs) : Answer;

internal sealed class ShowAgentHandler(Observers observers) : IRequestHandler<ShowAgent, AgentAnswer>
{
    public async Task<AgentAnswer> Handle(ShowAgent request, CancellationToken cancellationToken)
    {
        var observer = request.Observer ?? (await observers.FindAsync([request.Agent], cancellationToken)).ToString();
        var engine = await observers.EngineAsync(observer, cancellationToken);
        var (holder, names, answer) = await observers.ReadAsync(
            observer, witness => (witness.Observer, witness.Names, Show(witness, request.Agent, engine)), cancellationToken);
        var deliveries = new Deliveries(observers.Node.Store, holder, peer => new AgentRef(peer.ToString(), names.DisplayNameOf(peer)));
        return answer with
        {
            Beliefs = await deliveries.AddToAsync(answer.Beliefs, cancellationToken),
            Row = answer.Row with
            {
                State = await deliveries.AddToAsync(answer.Row.State, cancellationToken),
                Task = await deliveries.AddToAsync(answer.Row.Task, cancellationToken),
            },
        };
    }

    private static AgentAnswer Show(Witness witness, string name, EngineStatus? engine)
    {
        var agent = witness.View.Agents[witness.Agent(name)];
        return new AgentAnswer(
            witness.Reading,
            AgentRows.One(witness, agent.Id, engine),
            witness.Of(agent.SpawnedBy),
            [
                .. witness.View.Agents.Keys.Where(other => witness.View.Tree.ParentOf(other) == agent.Id)
                    .Select(witness.Of).OrderBy(child => child.Name, StringComparer.Ordinal),
            ],
            agent.Endpoint is { } endpoint ? endpoint.Value.Addresses : [],
            AgentFields.Of(witness, agent.Id));
    }
}


