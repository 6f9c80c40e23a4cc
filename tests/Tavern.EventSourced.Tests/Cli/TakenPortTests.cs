using System.Net;
using System.Net.Sockets;
using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class TakenPortTests
{
    [Theory]
    [InlineData("--listen")]
    [InlineData("--api")]
    public async Task A_node_whose_port_is_taken_says_which_and_what_to_do_and_leaves_nothing_behind(string option)
    {
        using var cli = new CliSandbox();
        (await cli.RunAsync("init", "inn", "--data", "jake")).Expect(ExitCode.Ok);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var refused = (await cli.RunAsync("node", "--data", "jake", option, $"http://127.0.0.1:{port}")).Expect(ExitCode.Conflict);
        Assert.Contains($"127.0.0.1:{port}", refused.Error, StringComparison.Ordinal);
        Assert.Contains(option, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(cli.Folder, "jake", "node.json")));
        (await cli.RunAsync("status", "--data", "jake")).Expect(ExitCode.Ok);
    }
}
