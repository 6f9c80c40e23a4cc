using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Finds the way to the tavern that is meant: the node that runs on its data folder, or for reading the folder itself.</summary>
internal sealed class Doors(CliEnvironment environment)
{
    /// <summary>Opens it.</summary>
    /// <exception cref="CliException">No tavern is named and none is current; or the request writes and no node runs.</exception>
    public async Task<IDoor> OpenAsync(CliSettings settings, bool write, CancellationToken cancellationToken)
    {
        if (settings.Node is { } node) return new HttpDoor(node, new TokenFolder(DataFolder(settings)));
        var folder = DataFolder(settings);
        if (!TavernFile.Exists(folder))
            throw new CliException(ExitCode.NotFound, $"{folder} holds no tavern.", "a data folder made by 'tavern init' or 'tavern join'", "tavern init prancing-pony");
        if (NodeFile.Find(folder) is { } running)
        {
            var door = new HttpDoor(running.Api, new TokenFolder(folder));
            if (write || NodeStore.IsOwned(folder)) return door;
            await door.DisposeAsync();
        }

        return write
            ? throw new CliException(ExitCode.Unreachable, $"No node is running on {folder}.", "a running node: writing needs one", $"tavern node --data {ShellWord.Of(folder)}")
            : await LocalDoor.OpenAsync(new NodeOptions { DataFolder = folder, KeysFolder = settings.Keys }, cancellationToken);
    }

    /// <summary>The data folder that is meant.</summary>
    /// <exception cref="CliException">None is named and none is current.</exception>
    public string DataFolder(CliSettings settings) => settings.Data ?? CurrentTavern.Read(environment) ?? throw new CliException(
        ExitCode.NotFound,
        "Which tavern? None is named, and there is no current one.",
        "--data DIR, TAVERN_DATA, or a tavern made current by 'tavern init' or 'tavern join'",
        "tavern init prancing-pony");
}
