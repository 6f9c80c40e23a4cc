using MediatR;
using Tavern.EventSourced.Identity;

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
    private static readonly TimeSpan HearingMax = TimeSpan.FromSeconds(5); // as long as anybody would wait for a prompt

    public async Task<SpawnedAnswer> Handle(SpawnAgent request, CancellationToken cancellationToken)
    {
        var parent = await observers.ReadAsync(request.Agent, witness => Newcomers.ParentOf(witness, request.Name), cancellationToken);
        var agent = await observers.Node.SpawnHereAsync(parent, request.Name, request.Role, cancellationToken);
        await HeardOfItselfAsync(agent, cancellationToken);
        return await observers.ReadAsync(
            parent,
            witness => new SpawnedAnswer(witness.Of(agent), witness.Of(parent), witness.Of(witness.View.Agents[agent].SpawnedBy)),
            cancellationToken);
    }

    /// <summary>An agent can write once it has heard who vouches for it. On one node that takes an instant, so callers need not wait
    /// for it themselves; with its parent's gossip paused it may take for ever.</summary>
    private async Task HeardOfItselfAsync(AgentId agent, CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(HearingMax, observers.Node.Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            await observers.Node.WaitUntilVouchedAsync(agent, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It exists all the same, and will hear.
        }
    }
}
