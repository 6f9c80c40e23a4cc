using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Real nodes in this process, each with its own data and keys in a temporary folder. The first hosts jake, who founded the
/// tavern; each further one hosts one agent that jake invited. They talk in-process, or over HTTP/2 when asked to.</summary>
public sealed class TestNodes : IAsyncDisposable
{
    /// <summary>Longest wait for anything that should happen: far above what a loaded machine needs.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly string[] Names = ["jake", "gandalf", "legolas", "frodo", "gimli"];

    private readonly string _root = Directory.CreateTempSubdirectory("tavern-nodes-").FullName;
    private readonly InProcessHub? _hub;
    private readonly List<TavernNode> _nodes = [];
    private readonly List<NodeOptions> _options = [];

    private TestNodes(bool http) => _hub = http ? null : new InProcessHub();

    /// <summary>The running nodes.</summary>
    public IReadOnlyList<TavernNode> Nodes => _nodes;

    /// <summary>The root agent, hosted by the first node.</summary>
    public AgentId Jake => AgentOf(0);

    /// <summary>Founds a tavern and starts its nodes.</summary>
    /// <param name="count">How many nodes.</param>
    /// <param name="http">Talk HTTP/2 over loopback instead of in-process.</param>
    /// <param name="change">Changes the options of a node, by its number.</param>
    public static async Task<TestNodes> StartAsync(int count, bool http = false, Func<int, NodeOptions, NodeOptions>? change = null)
    {
        var nodes = new TestNodes(http);
        try
        {
            for (var i = 0; i < count; i++) await nodes.AddAsync(change);
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first agent that a node hosts.</summary>
    public AgentId AgentOf(int node) => _nodes[node].Hosted[0];

    /// <summary>The options of a node that is started later, or elsewhere, in this fixture's folder.</summary>
    public NodeOptions NewOptions(string folder) => new()
    {
        DataFolder = Path.Combine(_root, folder, "data"),
        KeysFolder = Path.Combine(_root, folder, "keys"),
        Gossip = new GossipOptions { RoundInterval = TimeSpan.FromMilliseconds(100), RoundIntervalMax = TimeSpan.FromMilliseconds(400) },
        Transport = _hub is { } hub ? _ => hub.Create(folder) : null,
    };

    /// <summary>Stops a node and starts it again on the same data.</summary>
    public async Task RestartAsync(int node)
    {
        await _nodes[node].StopAsync();
        _nodes[node] = await TavernNode.StartAsync(_options[node], CancellationToken.None);
    }

    /// <summary>Stops a node.</summary>
    public Task StopAsync(int node) => _nodes[node].StopAsync();

    /// <summary>Starts a node that was stopped, with other options.</summary>
    public async Task StartAgainAsync(int node, Func<NodeOptions, NodeOptions> change) =>
        _nodes[node] = await TavernNode.StartAsync(_options[node] = change(_options[node]), CancellationToken.None);

    /// <summary>Appends catalogue events.</summary>
    public async Task<ImmutableArray<EventId>> AppendAsync(int node, params TavernEvent[] bodies) => await _nodes[node].AppendAsync(
        AgentOf(node), [.. bodies.Select(EventCatalogue.Draft)], AppendConditions.None, CancellationToken.None);

    /// <summary>Brings segments to a node's agent as somebody who has no node here. In-process only.</summary>
    public async Task PushAsync(AgentId from, int node, params Segment[] segments)
    {
        await using var transport = _hub!.Create($"caller-{Guid.NewGuid()}");
        var push = new GossipMessage.Push(1, [.. segments.Select(segment => new FrameSegment(segment, 0))], [], false);
        var call = new GossipEnvelope(GossipEnvelope.TavernTag(_nodes[0].Tavern), from, AgentOf(node), push);
        Assert.IsType<GossipMessage.Push>(await transport.CallAsync(_nodes[node].GossipAddress!, call, CancellationToken.None));
    }

    /// <summary>Waits until a hosted agent's log covers an event.</summary>
    public static Task UntilDeliveredAsync(TavernNode node, AgentId holder, EventId id) =>
        UntilAsync(node, holder, reader => reader.HasDelivered(holder, id), $"{holder} delivers {id}");

    /// <summary>Waits until something holds of a hosted agent's log; looked at again whenever the log grows.</summary>
    public static async Task UntilAsync(TavernNode node, AgentId holder, Func<HistoryReader, bool> holds, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            while (true)
            {
                var (done, length) = await node.History.ReadAsync(reader => (holds(reader), reader.LogLength(holder)), deadline.Token);
                if (done) return;
                await node.WaitForNewsAsync(holder, length, deadline.Token);
            }
        }
        catch (OperationCanceledException)
        {
            var status = await node.GetStatusAsync(holder, CancellationToken.None);
            Assert.Fail($"Waited {Deadline.TotalSeconds} s for: {what}. The log has {status.LogLength} events; peers: {string.Join("; ", status.Peers)}");
        }
    }

    /// <summary>Waits until every agent of every node has the same clock, and returns it.</summary>
    public async Task<VectorClock> UntilConvergedAsync()
    {
        while (true)
        {
            var clocks = new List<VectorClock>();
            foreach (var node in _nodes)
                foreach (var agent in node.Hosted) clocks.Add(await node.History.ReadAsync(reader => reader.Clock(agent), CancellationToken.None));
            var all = clocks.Aggregate((a, b) => a.Merge(b));
            if (clocks.All(clock => clock.Equals(all))) return all;
            foreach (var node in _nodes)
                foreach (var agent in node.Hosted)
                    await UntilAsync(node, agent, reader => all.Compare(reader.Clock(agent)) is CausalOrder.Before or CausalOrder.Equal, $"{agent} covers {all}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private async Task AddAsync(Func<int, NodeOptions, NodeOptions>? change)
    {
        var number = _nodes.Count;
        var name = number < Names.Length ? Names[number] : $"agent{number}";
        var options = NewOptions(name);
        options = change?.Invoke(number, options) ?? options;
        if (number == 0)
        {
            await TavernFounding.FoundAsync(options.DataFolder, options.KeysFolder, "The Tavern", name, options.Time, CancellationToken.None);
        }
        else
        {
            var invitation = await _nodes[0].InviteAsync(Jake, name, null, CancellationToken.None);
            await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        }

        _options.Add(options);
        _nodes.Add(await TavernNode.StartAsync(options, CancellationToken.None));
    }
}
