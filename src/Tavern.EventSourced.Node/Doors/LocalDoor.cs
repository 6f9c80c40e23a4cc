using MediatR;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>The door to a node in this process: mostly to a data folder that no node runs on, for reading.</summary>
/// <param name="node">The node; the door does not dispose it.</param>
public sealed class LocalDoor(TavernNode node) : IDoor
{
    private readonly IMediator _requests = RequestHandlers.Over(node);

    /// <inheritdoc/>
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken)
    {
        if (request is IWrite && node.IsReadOnly)
        {
            throw new DoorException(new Problem(
                ProblemTypes.NoNode,
                "No node is running",
                503,
                $"No node is running on {node.Options.DataFolder}, so nothing can be written. Start it with: tavern node --data " +
                    $"{node.Options.DataFolder}"));
        }

        try
        {
            return await _requests.Send(request, cancellationToken);
        }
        catch (Exception e) when (Problems.Of(e) is { } problem)
        {
            throw new DoorException(problem);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
