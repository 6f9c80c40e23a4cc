using System.Collections.Immutable;

namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>What a container shall be. Each step returns a builder of its own, so a builder can be kept and varied.</summary>
internal sealed record ContainerBuilder(DockerEngine Engine)
{
    private string Image { get; init; } = "";

    private ImmutableArray<string> Options { get; init; } = [];

    private ImmutableArray<string> Command { get; init; } = [];

    private Func<Container, Task<bool>> IsUp { get; init; } = _ => Task.FromResult(true);

    public ContainerBuilder WithImage(string image) => this with { Image = image };

    public ContainerBuilder WithCommand(params string[] command) => this with { Command = [.. command] };

    public ContainerBuilder WithEntrypoint(string program) => WithOptions("--entrypoint", program);

    public ContainerBuilder WithEnvironment(string name, string value) => WithOptions("--env", $"{name}={value}");

    public ContainerBuilder WithHostname(string name) => WithOptions("--hostname", name);

    /// <summary>As root, or as another user than the image's.</summary>
    public ContainerBuilder WithUser(string user) => WithOptions("--user", user);

    public ContainerBuilder WithNetwork(Network network) => WithOptions("--network", network.Id);

    /// <summary>On another container's network interfaces, with its addresses.</summary>
    public ContainerBuilder WithNetworkOf(Container other) => WithOptions("--network", "container:" + other.Name);

    public ContainerBuilder WithNetworkAliases(params string[] names) => WithOptions([.. names.SelectMany(name => new[] { "--network-alias", name })]);

    public ContainerBuilder WithVolumeMount(Volume volume, string path) => WithOptions("--volume", $"{volume.Name}:{path}");

    public ContainerBuilder WithTmpfsMount(string path) => WithOptions("--tmpfs", path);

    public ContainerBuilder WithReadOnlyRootFileSystem() => WithOptions("--read-only");

    public ContainerBuilder WithCapability(string name) => WithOptions("--cap-add", name);

    /// <summary>Reachable from this machine, at a port that the engine chooses: <see cref="Container.GetMappedPublicPortAsync"/>.</summary>
    public ContainerBuilder WithPortBinding(int port) => WithOptions("--publish", $"127.0.0.1::{port}");

    public ContainerBuilder WithWaitStrategy(Func<Container, Task<bool>> isUp) => this with { IsUp = isUp };

    /// <summary>Makes it; it is not started.</summary>
    public async Task<Container> CreateAsync()
    {
        var name = $"tavern-test-{Guid.NewGuid():n}";
        await Engine.Docker.RunAsync(["create", "--name", name, "--label", DockerEngine.OwnLabel, "--init", .. Options, Image, .. Command]);
        return new Container(Engine, name, IsUp);
    }

    /// <summary>Makes it, starts it, waits for its end, and takes it away. It must succeed; returns what it said.</summary>
    public async Task<string> RunToEndAsync() =>
        await Engine.Docker.RunAsync(["run", "--rm", "--label", DockerEngine.OwnLabel, .. Options, Image, .. Command]);

    private ContainerBuilder WithOptions(params string[] words) => this with { Options = Options.AddRange(words) };
}
