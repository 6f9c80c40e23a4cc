using System.Diagnostics;
using System.Globalization;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>The Docker engine that tests use: the one that runs, or one of their own that ends with them. Whatever they make in it carries a
/// label with this process's number, and goes away: in good order by disposal, after a killed run at the next start.</summary>
internal sealed class DockerEngine : IAsyncDisposable
{
    private const string Label = "tavern-test";
    private const string ComposeLabel = "com.docker.compose.project";
    private const string ProjectPrefix = "tavern-test-";

    private static int _projects;

    private readonly OwnEngine? _own;

    private DockerEngine(OwnEngine? own) => (_own, Docker) = (own, new DockerCommand(own?.Host));

    /// <summary>How it is talked to.</summary>
    public DockerCommand Docker { get; }

    /// <summary>True when no one else uses it, so that a test may change what belongs to all of it.</summary>
    public bool IsOwn => _own is not null;

    /// <summary>What marks a thing as made by this process, as <c>docker</c> takes it.</summary>
    public static string OwnLabel { get; } = string.Create(CultureInfo.InvariantCulture, $"{Label}={Environment.ProcessId}");

    /// <summary>A name for a compose project or a stack of this process.</summary>
    public static string NewProjectName() => string.Create(CultureInfo.InvariantCulture, $"{ProjectPrefix}{Environment.ProcessId}-{Interlocked.Increment(ref _projects)}");

    /// <summary>Finds or starts it. Skips the test where neither can be.</summary>
    public static async Task<DockerEngine> RequireAsync()
    {
        RequiredTool.Require("docker");
        var shared = new DockerEngine(own: null);
        if ((await shared.Docker.TryAsync("version", "--format", "{{.Server.Version}}")).ExitCode != 0) return new DockerEngine(await OwnEngine.RequireAsync());
        await shared.RemoveLeftoversAsync();
        return shared;
    }

    public async ValueTask DisposeAsync()
    {
        if (_own is not null) await _own.DisposeAsync();
    }

    /// <summary>Removes what processes made that are no more.</summary>
    private async Task RemoveLeftoversAsync()
    {
        foreach (var kind in (string[])["container", "network", "volume"])
        {
            var name = kind == "volume" ? "{{.Name}}" : "{{.ID}}";
            string[] all = kind == "container" ? ["--all"] : [];
            foreach (var (label, prefix) in ((string, string)[])[(Label, ""), (ComposeLabel, ProjectPrefix)])
            {
                var found = await Docker.RunAsync([kind, "ls", .. all, "--filter", $"label={label}", "--format", $"{name} {{{{.Label \"{label}\"}}}}"]);
                foreach (var line in found.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    var (thing, maker) = (line.Split(' ')[0], line.Split(' ')[1]);
                    if (!maker.StartsWith(prefix, StringComparison.Ordinal)) continue; // somebody else's project
                    if (IsAlive(int.Parse(maker[prefix.Length..].Split('-')[0], CultureInfo.InvariantCulture))) continue;
                    await Docker.TryAsync([kind, "rm", "--force", .. kind == "container" ? ["--volumes"] : Array.Empty<string>(), thing]);
                }
            }
        }
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
