using Tavern.EventSourced.ContainerTests.Containers.Docker;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>The repository's compose files, brought up under a name of their own and taken away with the test.</summary>
internal sealed class ComposeProject : IAsyncDisposable
{
    private readonly DockerEngine _engine;
    private readonly TemporaryFolder _folder;
    private readonly string _program;
    private readonly List<string> _words;

    private ComposeProject(DockerEngine engine, TemporaryFolder folder, string program, List<string> words) => (_engine, _folder, _program, _words) = (engine, folder, program, words);

    /// <summary>The project of these files, not up yet.</summary>
    public static async Task<ComposeProject> CreateAsync(DockerEngine engine, params string[] files)
    {
        var isPlugin = (await engine.Docker.TryAsync("compose", "version")).ExitCode == 0;
        if (!isPlugin) RequiredTool.Require("docker-compose");
        var folder = new TemporaryFolder();
        await engine.Docker.ScriptAsync(Path.Combine(RepositoryRoot.Path, "docker", "make-secrets"), folder.Path);
        var words = files.SelectMany(file => new[] { "--file", Path.Combine(RepositoryRoot.Path, "docker", file) });
        var project = (string[])["--project-name", DockerEngine.NewProjectName()];
        return new ComposeProject(engine, folder, isPlugin ? "docker" : "docker-compose", [.. isPlugin ? ["compose"] : Array.Empty<string>(), .. words, .. project]);
    }

    /// <summary>Runs a compose command. It must succeed; returns its standard output.</summary>
    public Task<string> RunAsync(params string[] words) => _engine.Docker.ProgramAsync(
        _program, [.. _words, .. words], ("TAVERN_IMAGE", ContainersFixture.NodeImage), ("TAVERN_SECRETS", _folder.Path));

    /// <summary>The container of a service.</summary>
    public async Task<string> ContainerAsync(string service) => await RunAsync("ps", "--quiet", service);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", "--volumes");
        _folder.Dispose();
    }
}
