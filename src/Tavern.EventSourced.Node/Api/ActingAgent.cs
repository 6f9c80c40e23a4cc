using Microsoft.AspNetCore.Http;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>Checks that a caller's token is that of the agent it wants to act as.</summary>
internal sealed class ActingAgent(TavernNode node)
{
    /// <summary>The id of the agent that acts, as text.</summary>
    /// <exception cref="RefusedException">The agent is unknown, has not heard who vouches for it, is not hosted here, or the token is another agent's.</exception>
    public async ValueTask<string> RequireAsync(HttpContext context, string agent, CancellationToken cancellationToken)
    {
        var caller = (Caller.Writer)context.Features.Get<Caller>()!;
        var (acting, callerName) = await node.History.ReadAsync(
            reader =>
            {
                if (UnheardAgent.On(node, reader).FirstOrDefault(unheard => unheard.Agent.Id == caller.Agent.ToString()) is { } newcomer) throw newcomer.Refusal();
                var names = reader.View(caller.Agent).Names;
                return (AgentLookup.Require(names, agent), names.DisplayNameOf(caller.Agent));
            },
            cancellationToken);
        return acting == caller.Agent
            ? acting.ToString()
            : throw new RefusedException(new Problem(
                ProblemTypes.TokenWrong,
                "The token does not allow this",
                StatusCodes.Status403Forbidden,
                $"The token shown is {callerName}'s and lets nobody write as {agent}; show the token of {agent} (tokens/{acting} in " +
                    $"the data folder of the node that hosts it)."));
    }
}
