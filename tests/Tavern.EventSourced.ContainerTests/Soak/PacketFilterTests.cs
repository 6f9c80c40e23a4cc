using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tavern.EventSourced.Cli.Demo;

namespace Tavern.EventSourced.ContainerTests.Soak;

[Collection(SoakCollection.Name)]
public sealed class PacketFilterTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(700); // what arrives at all on one machine arrives within a few
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // a busy machine may take long to start a process

    [SkippableFact]
    public async Task A_cut_keeps_from_its_receiver_what_the_sender_sends_and_nothing_else()
    {
        using var filter = PacketFilter.Make();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        int[] ports = [port, 1]; // node 0 listens here, node 1 nowhere

        Assert.True(await ReachesAsync(node: 1, port, Patience));
        filter.Cut([(1, 0)], ports);
        Assert.False(await ReachesAsync(node: 1, port, Silence));
        Assert.True(await ReachesAsync(node: 2, port, Patience));
        filter.Cut([(0, 1)], ports); // the answers to a connection
        Assert.False(await ReachesAsync(node: 1, port, Silence));
        Assert.True(await ReachesAsync(node: 2, port, Patience));
        filter.Heal();
        Assert.True(await ReachesAsync(node: 1, port, Patience));
    }

    /// <summary>True when a process in the node's group gets a connection in time.</summary>
    private static async Task<bool> ReachesAsync(int node, int port, TimeSpan within)
    {
        var program = PacketFilter.InGroup(node, new TavernExecutable("bash", ["-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}"]));
        using var process = Process.Start(program.StartInfo())!;
        try
        {
            await process.WaitForExitAsync().WaitAsync(within);
            return process.ExitCode == 0;
        }
        catch (TimeoutException)
        {
            process.Kill();
            return false;
        }
    }
}
