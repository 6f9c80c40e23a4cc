using System.Diagnostics;
using System.Globalization;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>The Docker engine that tests use: the one that runs, or one of their own that ends with them. Whatever they make in it carries a
/// label with this process's number, and goes away: in good order by disposal, after a killed run at the next start.</summary>
internal sealed class DockerEngine : IAsyncDisposable
{
    private const string Label = "tavern-test";

    private readonly OwnEngine? _own;

    private DockerEngine(OwnEngine? own) => (_own, Docker) = (own, new DockerCommand(own?.Host));

    /// <summary>How it is talked to.</summary>
    public DockerCommand Docker { get; }

    /// <summary>True when no one else uses it, so that a test may change what belongs to all of it.</summary>
    public bool IsOwn => _own is not null;

    /// <summary>What marks a thing as made by this process, as <c>docker</c> takes it.</summary>
    public static string OwnLabel { get; } = string.Create(CultureInfo.InvariantCulture, $"{Label}={Environment.ProcessId}");

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
        foreach (var (kind, list) in ((string, string[])[])[("container", ["--all"]), ("network", []), ("volume", [])])
        {
            var format = "{{" + (kind == "volume" ? ".Name" : ".ID") + "}} {{.Label \"" + Label + "\"}}";
            var found = await Docker.RunAsync([kind, "ls", .. list, "--filter", $"label={Label}", "--format", format]);
            foreach (var line in found.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var (thing, maker) = (line.Split(' ')[0], int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
                if (!IsAlive(maker)) await Docker.TryAsync([kind, "rm", "--force", .. kind == "container" ? ["--volumes"] : Array.Empty<string>(), thing]);
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
