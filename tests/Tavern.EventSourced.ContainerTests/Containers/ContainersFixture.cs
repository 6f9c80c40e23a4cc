using Tavern.EventSourced.ContainerTests.Containers.Docker;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>The engine that all tests in containers share, its images built from this checkout, and a tavern of five that tests break and heal.</summary>
public sealed class ContainersFixture : IAsyncLifetime
{
    /// <summary>The image of a node.</summary>
    internal const string NodeImage = "tavern-test-node";

    /// <summary>The same, with what breaks a network or a clock.</summary>
    internal const string ToolsImage = "tavern-test-tools";

    private DockerEngine? _engine;
    private TavernOfContainers? _tavern;

    /// <summary>The engine, with the images in it. Skips the test where there is none.</summary>
    internal async Task<DockerEngine> EngineAsync()
    {
        if (_engine is not null) return _engine;
        var engine = await DockerEngine.RequireAsync();
        try
        {
            await engine.Docker.ScriptAsync(Path.Combine(RepositoryRoot.Path, "docker", "base"), BaseFile());
            await engine.Docker.ScriptAsync(Path.Combine(RepositoryRoot.Path, "docker", "build"), NodeImage);
            var tools = Path.Combine(RepositoryRoot.Path, "tests", "Tavern.EventSourced.ContainerTests", "Containers", "Tools");
            await engine.Docker.RunAsync("build", "--quiet", "--tag", ToolsImage, "--build-arg", $"NODE={NodeImage}", tools);
            return _engine = engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets something happen to the tavern that all tests share. One that a test leaves broken is not used again.</summary>
    internal async Task ShareAsync(Func<TavernOfContainers, Task> use)
    {
        var tavern = _tavern ?? await TavernOfContainers.StartAsync(await EngineAsync());
        _tavern = null;
        try
        {
            await use(tavern);
            _tavern = tavern;
        }
        finally
        {
            if (_tavern is null) await tavern.DisposeAsync();
        }
    }

    /// <summary>Nothing: where there is no engine, each test says so.</summary>
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_tavern is not null) await _tavern.DisposeAsync();
        if (_engine is not null) await _engine.DisposeAsync();
    }

    /// <summary>Keeps the base image from run to run, where it has to be made.</summary>
    private static string BaseFile()
    {
        if (Environment.GetEnvironmentVariable("TAVERN_TEST_BASE_IMAGE") is { Length: > 0 } given) return given;
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(Directory.CreateDirectory(Path.Combine(cache, "tavern-test")).FullName, "debian-bookworm-slim.tar");
    }
}

/// <summary>Tests that share the engine; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ContainersCollection : ICollectionFixture<ContainersFixture>
{
    public const string Name = "containers";
}
