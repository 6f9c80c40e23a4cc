using MediatR;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>A way to a tavern: over HTTP to a running node, or straight to a data folder when none runs.</summary>
public interface IDoor : IAsyncDisposable
{
    /// <summary>Sends a request and returns its answer.</summary>
    /// <exception cref="DoorException">The request was refused; it says what was wrong, what was expected and what to do.</exception>
    /// <exception cref="NodeUnreachableException">Nobody answers.</exception>
    Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken);
}
