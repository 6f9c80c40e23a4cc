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

    [SkippableFact]
    public async Task What_a_run_that_was_killed_left_behind_is_removed_by_the_next()
    {
        PacketFilter.Make().Dispose(); // or the test is skipped
        using var ended = Process.Start("true");
        await ended.WaitForExitAsync();
        var chain = $"tavern-soak-{ended.Id}";
        foreach (var words in (string[])[$"-N {chain}", $"-A {chain} -p tcp --dport 1 -j DROP", $"-A OUTPUT -o lo -p tcp -j {chain}"]) await IptablesAsync(words);
        Assert.Contains(chain, await IptablesAsync("-S"), StringComparison.Ordinal);
        using var filter = PacketFilter.Make();
        Assert.DoesNotContain(chain, await IptablesAsync("-S"), StringComparison.Ordinal);
    }

    private static async Task<string> IptablesAsync(string words)
    {
        using var process = Process.Start(new ProcessStartInfo("iptables", $"-w 10 {words}") { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
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
