using System.Diagnostics;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>A Docker engine of the tests' own, with all it has in a temporary folder. It touches neither the machine's packet filter nor its
/// forwarding, and a shell beside it ends it and removes the folder when this process ends, however that happens.</summary>
internal sealed class OwnEngine : IAsyncDisposable
{
    private const string FolderPrefix = "tavern-docker-";

    // Started with the folder as $0. When its input ends it takes the containers away before the engine, which would wait for each.
    private const string Keep = """
        dockerd --data-root "$0/data" --exec-root "$0/exec" --pidfile "$0/pid" --host "unix://$0/sock" \
          --bridge=none --iptables=false --ip6tables=false --ip-forward=false > "$0/log" 2>&1 < /dev/null &
        engine=$!
        (
          cat > /dev/null
          export DOCKER_HOST="unix://$0/sock"
          docker ps --all --quiet | xargs -r docker rm --force --volumes
          kill "$engine"
        ) <&3 > /dev/null 2>&1 &
        wait "$engine" || tail -n 20 "$0/log" >&2
        rm -rf --one-file-system "$0"
        """;

    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1); // two seconds on an idle machine
    private static readonly TimeSpan StopMax = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory(FolderPrefix).FullName;
    private readonly Process _keeper;

    private OwnEngine()
    {
        string[] words = ["--wait", "sh", "-c", "exec 3<&0\n" + Keep, _folder]; // a shell gives what runs beside it no input unless told so
        _keeper = Process.Start(new ProcessStartInfo("setsid", words) { RedirectStandardInput = true, RedirectStandardError = true })!;
    }

    /// <summary>Where it listens.</summary>
    public string Host => $"unix://{_folder}/sock";

    /// <summary>Starts one. Skips the test where that cannot be.</summary>
    public static async Task<OwnEngine> RequireAsync()
    {
        RequiredTool.Require("dockerd");
        RequiredTool.Require("setsid");
        RequiredTool.Require(Environment.UserName == "root", "no Docker engine runs, and only root may start one");
        RequiredTool.Require(!await DropsForwardedAsync(), "the machine's packet filter drops what containers send each other, as an engine that ran here once has told it to; start that engine, or: iptables -P FORWARD ACCEPT");
        RemoveLeftovers();
        var engine = new OwnEngine();
        var docker = new DockerCommand(engine.Host);
        using var deadline = new CancellationTokenSource(StartMax);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await docker.TryAsync("version", "--format", "{{.Server.Version}}")).ExitCode != 0)
        {
            RequiredTool.Require(!engine._keeper.HasExited, $"dockerd does not start here: {(engine._keeper.HasExited ? await engine._keeper.StandardError.ReadToEndAsync(deadline.Token) : "")}");
            await timer.WaitForNextTickAsync(deadline.Token);
        }

        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync().WaitAsync(StopMax);
        _keeper.Dispose();
    }

    /// <summary>True where bridges are filtered and nothing is let through: an engine that leaves the filter alone cannot change that.</summary>
    private static async Task<bool> DropsForwardedAsync()
    {
        using var ask = Process.Start("sh", ["-c", "grep -qs 1 /proc/sys/net/bridge/bridge-nf-call-iptables && iptables -S FORWARD 2> /dev/null | grep -q '^-P FORWARD DROP'"]);
        await ask.WaitForExitAsync().WaitAsync(StartMax);
        return ask.ExitCode == 0;
    }

    /// <summary>Removes folders whose keeper was killed too, and what it kept.</summary>
    private static void RemoveLeftovers()
    {
        var alive = Directory.EnumerateDirectories("/proc").Select(CommandLineOf).ToList();
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*").Where(folder => !alive.Any(line => line.Contains(folder, StringComparison.Ordinal))))
        {
            foreach (var mounted in File.ReadLines("/proc/mounts").Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Reverse().ToList())
                Run("umount", "--lazy", mounted);
            Run("rm", "-rf", "--one-file-system", folder);
        }
    }

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // no process, or gone meanwhile
        }
    }

    private static void Run(string program, params string[] words)
    {
        using var process = Process.Start(program, words);
        process.WaitForExit();
    }
}
