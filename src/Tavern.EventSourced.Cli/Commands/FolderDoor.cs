using MediatR;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>The door to a data folder on which no node runs: opened for reading, closed with the door.</summary>
internal sealed class FolderDoor : IDoor
{
    private readonly TavernNode _node;
    private readonly LocalDoor _door;

    private FolderDoor(TavernNode node) => (_node, _door) = (node, new LocalDoor(node));

    /// <summary>Replays the folder's logs.</summary>
    public static async Task<IDoor> OpenAsync(string dataFolder, string keysFolder, CancellationToken cancellationToken) =>
        new FolderDoor(await TavernNode.OpenReadOnlyAsync(new NodeOptions { DataFolder = dataFolder, KeysFolder = keysFolder }, cancellationToken));

    /// <inheritdoc/>
    public Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken) => _door.SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _door.DisposeAsync();
        await _node.DisposeAsync();
    }
}
