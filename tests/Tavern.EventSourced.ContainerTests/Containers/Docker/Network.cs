namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>A network on which containers find each other by name.</summary>
internal sealed class Network : IAsyncDisposable
{
    private readonly DockerCommand _docker;

    private Network(DockerCommand docker, string id) => (_docker, Id) = (docker, id);

    /// <summary>What the engine calls it.</summary>
    public string Id { get; }

    public static async Task<Network> CreateAsync(DockerEngine engine) =>
        new(engine.Docker, await engine.Docker.RunAsync("network", "create", "--label", DockerEngine.OwnLabel, $"tavern-test-{Guid.NewGuid():n}"));

    /// <summary>The address of the machine that the engine runs on, as containers on this network reach it.</summary>
    public Task<string> GatewayAsync() => _docker.RunAsync("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", Id);

    /// <summary>Pulls a container's plug.</summary>
    public Task DisconnectAsync(Container container) => _docker.RunAsync("network", "disconnect", Id, container.Name);

    /// <summary>Plugs it in again; its address may be another one.</summary>
    public Task ConnectAsync(Container container, string alias) => _docker.RunAsync("network", "connect", "--alias", alias, Id, container.Name);

    public async ValueTask DisposeAsync() => await _docker.RunAsync("network", "rm", Id);
}
