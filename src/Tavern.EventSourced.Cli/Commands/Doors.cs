using System.Diagnostics;
using System.Net.Sockets;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Finds the way to the tavern that is meant: the node that runs on its data folder, or for reading the folder itself.</summary>
internal sealed class Doors(CliEnvironment environment)
{
    /// <summary>Opens it.</summary>
    /// <exception cref="CliException">No tavern is named and none is current; or the request writes and no node runs.</exception>
    public async Task<IDoor> OpenAsync(CliSettings settings, bool write, CancellationToken cancellationToken)
    {
        if (settings.Node is { } node) return new HttpDoor(node, new TokenFolder(DataFolders.Meant(settings, environment)));
        var folder = DataFolders.Existing(settings, environment);
        if (await FindRunningAsync(folder, cancellationToken) is { } running) return new HttpDoor(running.Api, new TokenFolder(folder));
        return write
            ? throw new CliException(ExitCode.Unreachable, $"No node is running on {folder}.", "a running node: writing needs one", $"tavern node --data {ShellWord.Of(folder)}")
            : await FolderDoor.OpenAsync(folder, settings.Keys, cancellationToken);
    }

    /// <summary>The node that runs on a data folder; null when none does.</summary>
    public static async Task<NodeFile?> FindRunningAsync(string folder, CancellationToken cancellationToken) =>
        NodeFile.FindHeld(folder) is { } running && await IsUpAsync(running, cancellationToken) ? running : null;

    // Who holds the lock may be a repair, after a kill -9 left the file: its process is gone, or the number belongs to another one that does
    // not listen there.
    private static async Task<bool> IsUpAsync(NodeFile running, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(running.Pid);
            using var probe = new TcpClient();
            await probe.ConnectAsync(running.Api.Host, running.Api.Port, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or SocketException)
        {
            return false;
        }
    }
}
