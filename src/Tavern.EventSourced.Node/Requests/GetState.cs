using System.Text.Json;
using MediatR;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What an observer believes, now or at a point in history.</summary>
/// <param name="Observer">Whose belief; by default the node's first agent.</param>
/// <param name="AsOf">A point in history; by default everything the observer has.</param>
/// <param name="Agent">Only about this agent.</param>
/// <param name="Close">Widen a cut that lacks causes instead of refusing it.</param>
public sealed record GetState(string? Observer = null, string? AsOf = null, string? Agent = null, bool Close = false) : IRequest<StateAnswer>;

/// <summary>A view.</summary>
/// <param name="Reading">What it was folded from.</param>
/// <param name="ViewHash">SHA-256 of the whole view, 64 hexadecimal digits: equal for everyone at the same cut.</param>
/// <param name="Agent">Whom it is about; null for everybody.</param>
/// <param name="Beliefs">With <paramref name="Agent"/>: all fields and their evidence, by name.</param>
/// <param name="View">The view itself, or its part about the agent.</param>
public sealed record StateAnswer(Reading Reading, string ViewHash, AgentRef? Agent, IReadOnlyList<Belief> Beliefs, JsonElement View) : Answer;

internal sealed class GetStateHandler(Observers observers) : IRequestHandler<GetState, StateAnswer>
{
    public async Task<StateAnswer> Handle(GetState request, CancellationToken cancellationToken)
    {
        var (holder, names, answer) = await observers.ReadAsync(
            request.Observer,
            now => (now.Observer, now.Names, Show(now.AsOf(request.AsOf, request.Close), request.Agent)),
            cancellationToken);
        var deliveries = new Deliveries(observers.Node.Store, holder, peer => new AgentRef(peer.ToString(), names.DisplayNameOf(peer)));
        return answer with { Beliefs = await deliveries.AddToAsync(answer.Beliefs, cancellationToken) };
    }

    private static StateAnswer Show(Witness witness, string? name)
    {
        var hash = ViewHash.Of(witness.View).ToString();
        if (name is null) return new StateAnswer(witness.Reading, hash, null, [], ViewJson.Of(witness));
        var agent = witness.Agent(name);
        return witness.View.Agents.ContainsKey(agent)
            ? new StateAnswer(witness.Reading, hash, witness.Of(agent), AgentFields.Of(witness, agent), ViewJson.Of(witness, agent))
            : throw RefusedException.NotFound($"{name} was not spawned yet at {witness.Reading.Point}.");
    }
}
