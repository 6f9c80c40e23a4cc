using MediatR;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>The door to a data folder for a command that writes though no node runs on it: the node runs in this process for as long as the
/// command takes.</summary>
internal sealed class PassingNodeDoor : IDoor
{
    private readonly TavernNode _node;
    private readonly LocalDoor _door;

    private PassingNodeDoor(TavernNode node) => (_node, _door) = (node, new LocalDoor(node));

    /// <summary>The way to the node that runs, or to one that is started for this command alone.</summary>
    public static async Task<IDoor> OpenAsync(CommandHost host, CliSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Node is not null) return await host.OpenAsync(settings, write: true, cancellationToken);
        var folder = DataFolders.Existing(settings, host.Environment);
        if (await Doors.FindRunningAsync(folder, cancellationToken) is not null) return await host.OpenAsync(settings, write: true, cancellationToken);
        var options = new NodeOptions { DataFolder = folder, KeysFolder = settings.Keys, Time = host.Time, Tell = line => host.Terminal.Note(Styled.Doubtful("! "), line) };
        return new SuggestingDoor(new PassingNodeDoor(await TavernNode.StartAsync(options, cancellationToken)));
    }

    /// <inheritdoc/>
    public Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken) => _door.SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _door.DisposeAsync();
        await _node.DisposeAsync();
    }
}
