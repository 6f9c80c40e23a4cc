using System.Text.Json;
using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An agent gives one below it, whose key was lost, a new key.</summary>
/// <param name="Agent">The ancestor.</param>
/// <param name="Lost">Whose key was lost.</param>
public sealed record RekeyAgent(string Agent, string Lost) : IRequest<InvitedAnswer>, IWrite;

internal sealed class RekeyAgentHandler(Observers observers) : IRequestHandler<RekeyAgent, InvitedAnswer>
{
    public async Task<InvitedAnswer> Handle(RekeyAgent request, CancellationToken cancellationToken)
    {
        var (ancestor, lost) = await observers.ReadAsync(
            request.Agent, witness => (witness.Observer, WriteRules.Rekeyable(witness, witness.Agent(request.Lost))), cancellationToken);
        var invitation = await observers.Node.RekeyAsync(ancestor, lost, cancellationToken);
        return await observers.ReadAsync(
            ancestor,
            witness => new InvitedAnswer(witness.Of(lost), witness.Of(ancestor), witness.Of(invitation.Rekeyed!.Id), JsonElement.Parse(invitation.ToJson()), null),
            cancellationToken);
    }
}
