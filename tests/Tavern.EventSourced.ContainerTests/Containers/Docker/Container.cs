using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>A container that goes away with the test; its volumes stay until they are disposed.</summary>
internal sealed class Container(DockerEngine engine, string name, Func<Container, Task<bool>> isUp) : IAsyncDisposable
{
    private const int StopSecondsMax = 20; // a clean stop takes a second on an idle machine
    private const int PausesMax = 10;

    private static readonly TimeSpan UpMax = TimeSpan.FromMinutes(5); // two seconds on an idle machine

    private readonly DockerCommand _docker = engine.Docker;

    /// <summary>What the engine calls it.</summary>
    public string Name { get; } = name;

    /// <summary>Starts it, also again, and waits until it is up.</summary>
    public async Task StartAsync()
    {
        await _docker.RunAsync("start", Name);
        using var deadline = new CancellationTokenSource(UpMax);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (!await isUp(this))
        {
            if (deadline.IsCancellationRequested || await InspectAsync("{{.State.Running}}") == "false")
                Assert.Fail($"{Name} did not come up within {UpMax}: {await InspectAsync("{{json .State}}")}\n{await GetLogsAsync()}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Starts it and waits for its end, which must be a failure. Returns what it said.</summary>
    public async Task<string> RunToFailureAsync()
    {
        var result = await _docker.TryAsync("start", "--attach", Name);
        Assert.NotEqual(0, result.ExitCode);
        return result.Stdout + result.Stderr;
    }

    /// <summary>Asks it to stop and waits. Returns its exit code; 137 when it had to be killed.</summary>
    public async Task<int> StopAsync()
    {
        await _docker.RunAsync("stop", "--time", StopSecondsMax.ToString(CultureInfo.InvariantCulture), Name);
        return int.Parse(await InspectAsync("{{.State.ExitCode}}"), CultureInfo.InvariantCulture);
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _docker.RunAsync("kill", "--signal", "KILL", Name);

    /// <summary>Stops its processes where they are. On a busy machine the kernel may take longer than the engine waits for it; then once more.</summary>
    public async Task PauseAsync()
    {
        for (var left = PausesMax; (await _docker.TryAsync("pause", Name)).ExitCode != 0; left--)
            Assert.True(left > 1, $"{Name} cannot be paused: {await InspectAsync("{{json .State}}")}");
    }

    public Task UnpauseAsync() => _docker.RunAsync("unpause", Name);

    /// <summary>Runs a command inside.</summary>
    public Task<ExecResult> ExecAsync(params IEnumerable<string> command) => _docker.TryAsync(["exec", Name, .. command]);

    /// <summary>Starts a command inside, with its standard streams here.</summary>
    public Process StartExec(params IEnumerable<string> command) => _docker.Start(["exec", "--interactive", Name, .. command]);

    /// <summary>Another container on this one's network interfaces.</summary>
    public ContainerBuilder Beside(string image) => new ContainerBuilder(engine).WithImage(image).WithNetworkOf(this);

    /// <summary>Where a port of it is reached from this machine. Another one after each start.</summary>
    public async Task<int> GetMappedPublicPortAsync(int port)
    {
        var address = (await _docker.RunAsync("port", Name, port.ToString(CultureInfo.InvariantCulture))).Split('\n')[0];
        return int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Its address on its network; null while it has none.</summary>
    public async Task<IPAddress?> FindAddressAsync()
    {
        var found = await _docker.TryAsync("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", Name);
        return IPAddress.TryParse(found.Stdout.Trim(), out var address) ? address : null;
    }

    /// <summary>Copies a folder of it to where there is none, whether it runs or not.</summary>
    public Task CopyOutAsync(string path, string to) => _docker.RunAsync("cp", $"{Name}:{path}", to);

    /// <summary>What it wrote to its standard streams.</summary>
    public async Task<string> GetLogsAsync()
    {
        var said = await _docker.TryAsync("logs", "--tail", "60", Name);
        return said.Stdout + said.Stderr;
    }

    /// <summary>A fact about it, by a Go template.</summary>
    public Task<string> InspectAsync(string format) => _docker.RunAsync("inspect", "--format", format, Name);

    public async ValueTask DisposeAsync() => await _docker.RunAsync("rm", "--force", "--volumes", Name); // anonymous volumes only
}
