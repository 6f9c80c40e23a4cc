using System.Globalization;
using System.Net.Sockets;
using MediatR;
using Tavern.EventSourced.ContainerTests.Containers.Docker;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>One agent with its node in a container, and its volumes, which outlive the container.</summary>
internal sealed class ContainerMember : IAsyncDisposable
{
    /// <summary>The port that nodes gossip at, in their own containers.</summary>
    public const int GossipPort = 7411;

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10); // a paused node never answers

    private readonly ApiRelay _relay = new();
    private readonly TemporaryFolder _folder = new(); // with the tokens of the API
    private readonly HttpDoor _door;
    private readonly ContainerBuilder _builder;

    /// <summary>Nothing is started yet.</summary>
    /// <param name="name">The agent's name, and its node's on the network.</param>
    /// <param name="data">Its data.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="node">Image, network, and what the image is told besides.</param>
    public ContainerMember(string name, Volume data, Volume keys, ContainerBuilder node)
    {
        (Name, Data, Keys) = (name, data, keys);
        var api = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_relay.Port}");
        _builder = node.WithHostname(name).WithNetworkAliases(name).WithVolumeMount(data, "/data").WithVolumeMount(keys, "/keys").WithTmpfsMount("/tmp").WithReadOnlyRootFileSystem()
            .WithEnvironment("TAVERN_API", api).WithEnvironment("TAVERN_AGENT", name).WithWaitStrategy(Wait.UntilCommandSucceeds("/opt/tavern-container/healthcheck"));
        _door = new HttpDoor(new Uri(api), new TokenFolder(_folder.Path));
        _relay.Start(() => Container);
    }

    public string Name { get; }

    public Volume Data { get; }

    public Volume Keys { get; }

    /// <summary>The container that it runs in now.</summary>
    public Container Container { get; private set; } = null!;

    /// <summary>Makes its container, starts it, and waits until the node is ready.</summary>
    /// <param name="change">What shall be other than usual.</param>
    public async Task CreateAsync(Func<ContainerBuilder, ContainerBuilder>? change = null)
    {
        Container = await (change is null ? _builder : change(_builder)).CreateAsync();
        await StartAsync();
    }

    /// <summary>Starts its container again, and waits until the node is ready.</summary>
    public async Task StartAsync()
    {
        await Container.StartAsync();
        using var copied = new TemporaryFolder();
        await Container.CopyOutAsync("/data/tokens", Path.Combine(copied.Path, "tokens"));
        var tokens = Directory.CreateDirectory(Path.Combine(_folder.Path, "tokens")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(copied.Path, "tokens"))) // one by one: others are reading here
            File.Move(file, Path.Combine(tokens, Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>Takes its container away, in good order, and makes another one on the same volumes.</summary>
    public async Task ReplaceAsync(Func<ContainerBuilder, ContainerBuilder>? change = null)
    {
        Assert.Equal(0, await Container.StopAsync());
        await Container.DisposeAsync();
        await CreateAsync(change);
    }

    /// <summary>Sends a request to its node, once.</summary>
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(AnswerMax);
        return await _door.SendAsync(request, enough.Token);
    }

    /// <summary>Sends a request until it is answered, across the node's deaths and refusals.</summary>
    public async Task<TAnswer> InsistAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                return await SendAsync(request, cancellationToken);
            }
            catch (Exception e) when (e is NodeUnreachableException or HttpRequestException or IOException or SocketException or DoorException { Problem.Status: >= 500 } || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _door.DisposeAsync();
        await _relay.DisposeAsync();
        if (Container is not null) await Container.DisposeAsync();
        await Data.DisposeAsync();
        await Keys.DisposeAsync();
        _folder.Dispose();
    }
}
