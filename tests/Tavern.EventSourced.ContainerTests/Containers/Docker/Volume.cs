namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>A place for files that outlives containers.</summary>
internal sealed class Volume : IAsyncDisposable
{
    private readonly DockerCommand _docker;

    private Volume(DockerCommand docker, string name) => (_docker, Name) = (docker, name);

    /// <summary>What the engine calls it.</summary>
    public string Name { get; }

    /// <summary>Makes one.</summary>
    /// <param name="engine">Where.</param>
    /// <param name="memoryMebibytes">When given it is so large and lies in memory: it can be full, and is empty again once no container uses it.</param>
    public static async Task<Volume> CreateAsync(DockerEngine engine, int? memoryMebibytes = null)
    {
        string[] options = memoryMebibytes is { } size ? ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", $"o=size={size}m"] : [];
        return new(engine.Docker, await engine.Docker.RunAsync(["volume", "create", "--label", DockerEngine.OwnLabel, .. options]));
    }

    public async ValueTask DisposeAsync() => await _docker.RunAsync("volume", "rm", "--force", Name);
}
