using System.Text.Json;
using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An agent vouches for a new one that another node will host.</summary>
/// <param name="Agent">The parent.</param>
/// <param name="Name">1 to 64 letters, digits, <c>_</c> or <c>-</c>.</param>
/// <param name="Role">What it is for.</param>
/// <param name="ValidDays">For how many days the invitation may be used, 1 to 365.</param>
public sealed record InviteAgent(string Agent, string Name, string? Role = null, int ValidDays = InviteAgent.ValidDaysDefault) : IRequest<InvitedAnswer>, IWrite
{
    /// <summary>A week: somebody is on holiday, and a forgotten file is not a key for ever.</summary>
    public const int ValidDaysDefault = 7;

    internal const int ValidDaysMax = 365; // who needs one for longer makes a new one
}

/// <summary>An invitation, for a newcomer or with a new key for an agent that lost its own. It holds the private key: hand it over in secret, once.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Parent">Who vouches for it, or gives it the new key.</param>
/// <param name="Event">The event that does.</param>
/// <param name="Invitation">The whole file, to be written with mode 0600.</param>
/// <param name="Expires">Until when it may be used; null for ever.</param>
public sealed record InvitedAnswer(AgentRef Agent, AgentRef Parent, EventRef Event, JsonElement Invitation, DateTimeOffset? Expires) : Answer;

internal sealed class InviteAgentHandler(Observers observers) : IRequestHandler<InviteAgent, InvitedAnswer>
{
    public async Task<InvitedAnswer> Handle(InviteAgent request, CancellationToken cancellationToken)
    {
        if (request.ValidDays is < 1 or > InviteAgent.ValidDaysMax)
            throw RefusedException.Invalid($"The invitation is to hold for {request.ValidDays} days; expected 1 to {InviteAgent.ValidDaysMax}.");
        var parent = await observers.ReadAsync(request.Agent, witness => Newcomers.ParentOf(witness, request.Name), cancellationToken);
        var invitation = await observers.Node.InviteAsync(parent, request.Name, request.Role, TimeSpan.FromDays(request.ValidDays), cancellationToken);
        return await observers.ReadAsync(
            parent,
            witness => new InvitedAnswer(
                witness.Of(invitation.Agent),
                witness.Of(parent),
                witness.Of(witness.View.Agents[invitation.Agent].SpawnedBy),
                JsonElement.Parse(invitation.ToJson()),
                invitation.Expires),
            cancellationToken);
    }
}
