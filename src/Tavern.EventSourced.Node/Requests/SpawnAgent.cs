using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An agent vouches for a new one, which is hosted on the same node from now on.</summary>
/// <param name="Agent">The parent.</param>
/// <param name="Name">1 to 64 letters, digits, <c>_</c> or <c>-</c>.</param>
/// <param name="Role">What it is for.</param>
public sealed record SpawnAgent(string Agent, string Name, string? Role = null) : IRequest<SpawnedAnswer>, IWrite;

/// <summary>A new agent.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Parent">Who vouches for it.</param>
/// <param name="Event">The event that does.</param>
public sealed record SpawnedAnswer(AgentRef Agent, AgentRef Parent, EventRef Event) : Answer;

internal sealed class SpawnAgentHandler(Observers observers) : IRequestHandler<SpawnAgent, SpawnedAnswer>
{
    public async Task<SpawnedAnswer> Handle(SpawnAgent request, CancellationToken cancellationToken)
    {
        var parent = await observers.ReadAsync(request.Agent, witness => Newcomers.ParentOf(witness, request.Name), cancellationToken);
        var agent = await observers.Node.SpawnHereAsync(parent, request.Name, request.Role, cancellationToken);
        return await observers.ReadAsync(
            parent, witness => new SpawnedAnswer(witness.Of(agent), witness.Of(parent), witness.Of(witness.View.Agents[agent].SpawnedBy)), cancellationToken);
    }
}
