using System.Net;
using System.Net.Sockets;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Real nodes with TLS on real sockets.</summary>
public sealed class TlsNodesTests
{
    [Theory]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("https://localhost:0")]
    public async Task Nodes_agree_over_tls_and_announce_where_they_listen(string listen)
    {
        await using var nodes = await TestNodes.StartAsync(3, http: true, change: (_, options) => options with { GossipListen = new Uri(listen) });
        for (var i = 1; i < 3; i++) await nodes.Nodes[i].WaitUntilVouchedAsync(nodes.AgentOf(i), CancellationToken.None).WaitAsync(TestNodes.Deadline);
        for (var i = 0; i < 3; i++) await nodes.AppendAsync(i, new MessageSent($"from {i}"));
        await nodes.UntilConvergedAsync();
        Assert.All(nodes.Nodes, node => Assert.Equal(("https", new Uri(listen).Host), (node.GossipAddress!.Scheme, node.GossipAddress.Host)));
    }

    [Fact]
    public async Task What_is_advertised_is_announced_and_named_in_invitations()
    {
        var port = FreePort();
        await using var nodes = await TestNodes.StartAsync(2, http: true, change: (number, options) => number > 0
            ? options with { GossipListen = new Uri("https://127.0.0.1:0") }
            : options with { GossipListen = new Uri($"https://0.0.0.0:{port}"), GossipAdvertise = new Uri($"https://localhost:{port}") });
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "frodo", null, CancellationToken.None);
        Assert.Equal(new Uri($"https://localhost:{port}"), invitation.Seeds[0].Address);
        await nodes.Nodes[1].WaitUntilVouchedAsync(nodes.AgentOf(1), CancellationToken.None).WaitAsync(TestNodes.Deadline);
        await nodes.AppendAsync(1, new MessageSent("heard by name"));
        await nodes.UntilConvergedAsync();
    }

    [Theory]
    [InlineData("http://0.0.0.0:7411", null, "needs TLS")]
    [InlineData("http://192.0.2.1:7411", null, "needs TLS")]
    [InlineData("https://0.0.0.0:7411", null, "Advertise the one")]
    [InlineData("https://[::]:7411", null, "Advertise the one")]
    [InlineData("https://node1.example:7411", null, "Names are for what is advertised")]
    [InlineData("https://0.0.0.0:7411", "http://node1.example:7411", "needs TLS")]
    [InlineData("https://0.0.0.0:7411", "http://127.0.0.1:7411", "listens with https")]
    [InlineData("https://0.0.0.0:7411", "https://0.0.0.0:7411", "nobody can call all")]
    [InlineData("https://0.0.0.0:0", "https://node1.example:7411", "port to listen at is left open")]
    [InlineData("https://0.0.0.0:7411", "https://node1.example:7411/inn", "a scheme, a host and a port")]
    [InlineData("gopher://127.0.0.1:7411", null, "not an address to listen at")]
    public void An_address_that_others_could_make_nothing_of_is_refused(string listen, string? advertise, string expected) =>
        Assert.Contains(expected, ListenAddress.FlawOf(new Uri(listen), advertise is null ? null : new Uri(advertise)), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://0.0.0.0:7411", "https://node1.example:7411")]
    [InlineData("https://[::]:7411", "https://[2001:db8::1]:17411")]
    [InlineData("https://192.0.2.1:7411", null)]
    [InlineData("http://[::1]:7411", null)]
    [InlineData("http://localhost:0", null)]
    public void All_else_is_accepted(string listen, string? advertise) =>
        Assert.Null(ListenAddress.FlawOf(new Uri(listen), advertise is null ? null : new Uri(advertise)));

    /// <summary>The promise: of all that moved, one must find a node that stayed, at an address that it knew before; through that one the others find
    /// it.</summary>
    [Fact]
    public async Task Two_that_changed_address_and_certificate_while_parted_find_each_other_through_one_that_stayed()
    {
        var moved = new Uri?[3];
        await using var nodes = await TestNodes.StartAsync(3, http: true, change: (number, options) => options with { GossipListen = new Uri($"https://127.0.0.1:{FreePort()}") });
        await nodes.UntilConvergedAsync();
        for (var i = 1; i < 3; i++) moved[i] = nodes.Nodes[i].GossipAddress;
        for (var i = 1; i < 3; i++) await nodes.StopAsync(i);
        await nodes.AppendAsync(0, new MessageSent("while they were away"));
        for (var i = 1; i < 3; i++) await nodes.StartAgainAsync(i, options => options with { GossipListen = new Uri($"https://127.0.0.1:{FreePort()}") });
        for (var i = 1; i < 3; i++) Assert.NotEqual(moved[i], nodes.Nodes[i].GossipAddress);
        await nodes.AppendAsync(1, new MessageSent("from a new place"));
        await nodes.AppendAsync(2, new MessageSent("from another new place"));
        await nodes.UntilConvergedAsync();
    }

    [Fact]
    public async Task An_agent_spawned_later_on_the_same_node_is_heard_over_the_connections_that_are_up()
    {
        await using var nodes = await TestNodes.StartAsync(2, http: true, change: (_, options) => options with { GossipListen = new Uri("https://127.0.0.1:0") });
        await nodes.UntilConvergedAsync();
        var pippin = await nodes.Nodes[0].SpawnHereAsync(nodes.Jake, "pippin", null, CancellationToken.None);
        await nodes.Nodes[0].WaitUntilVouchedAsync(pippin, CancellationToken.None).WaitAsync(TestNodes.Deadline);
        await nodes.UntilConvergedAsync();
    }

    [Fact]
    public async Task Nodes_with_nothing_to_say_keep_one_connection_and_send_little()
    {
        const int Reads = 10; // some exchanges; each request comes in one or two pieces
        var port = FreePort();
        await using var relay = new CountingRelay(port);
        await using var nodes = await TestNodes.StartAsync(2, http: true, change: (number, options) => number == 0
            ? options with { GossipListen = new Uri("https://127.0.0.1:0") }
            : options with { GossipListen = new Uri($"https://127.0.0.1:{port}"), GossipAdvertise = new Uri($"https://127.0.0.1:{relay.Port}") });
        for (var i = 0; i < 2; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        await nodes.UntilConvergedAsync();
        await relay.UntilReadAsync(1, TestNodes.Deadline); // the first node calls the second there
        var (reads, bytes) = (relay.Reads, relay.Bytes);
        await relay.UntilReadAsync(reads + Reads, TestNodes.Deadline);
        Assert.Equal(1, relay.Connections);
        Assert.InRange((relay.Bytes - bytes) / (relay.Reads - reads), 1, 512); // 127 bytes of two messages, and what HTTP/2 and TLS put around one of them
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
