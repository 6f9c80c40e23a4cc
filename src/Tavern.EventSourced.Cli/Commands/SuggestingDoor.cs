using System.Text.RegularExpressions;
using MediatR;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>A door that, when a name is not known, says which one was probably meant.</summary>
internal sealed partial class SuggestingDoor(IDoor inner) : IDoor
{
    /// <inheritdoc/>
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.SendAsync(request, cancellationToken);
        }
        catch (DoorException refusal) when (refusal.Problem.Type is ProblemTypes.NotFound && Quoted().Match(refusal.Problem.Detail) is { Success: true } typed)
        {
            var known = await inner.SendAsync(new GetAgents(), cancellationToken);
            if (known.Unheard.FirstOrDefault(newcomer => newcomer.Agent.Name == typed.Groups[1].Value) is { } unheard) throw Writer.Unheard(unheard);
            throw Suggestions.Of(typed.Groups[1].Value, known.Agents.Select(row => row.Agent.Name)) is { } meant ? new CliException(ExitCode.NotFound, refusal.Problem.Detail, next: meant) : refusal;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
