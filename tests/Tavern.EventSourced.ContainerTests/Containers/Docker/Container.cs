using System.Diagnostics;
using System.Globalization;

namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>A container that goes away with the test; its volumes stay until they are disposed.</summary>
internal sealed class Container(DockerCommand docker, string name, Func<Container, Task<bool>> isUp) : IAsyncDisposable
{
    private const int StopSecondsMax = 20; // a clean stop takes a second on an idle machine

    private static readonly TimeSpan UpMax = TimeSpan.FromMinutes(2);

    /// <summary>What the engine calls it.</summary>
    public string Name { get; } = name;

    /// <summary>Starts it, also again, and waits until it is up.</summary>
    public async Task StartAsync()
    {
        await docker.RunAsync("start", Name);
        using var deadline = new CancellationTokenSource(UpMax);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await isUp(this))
        {
            if (deadline.IsCancellationRequested || await InspectAsync("{{.State.Running}}") == "false")
                Assert.Fail($"{Name} did not come up within {UpMax}: {await InspectAsync("{{json .State}}")}\n{await GetLogsAsync()}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Asks it to stop and waits. Returns its exit code; 137 when it had to be killed.</summary>
    public async Task<int> StopAsync()
    {
        await docker.RunAsync("stop", "--time", StopSecondsMax.ToString(CultureInfo.InvariantCulture), Name);
        return int.Parse(await InspectAsync("{{.State.ExitCode}}"), CultureInfo.InvariantCulture);
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => docker.RunAsync("kill", "--signal", "KILL", Name);

    /// <summary>Stops its processes where they are.</summary>
    public Task PauseAsync() => docker.RunAsync("pause", Name);

    public Task UnpauseAsync() => docker.RunAsync("unpause", Name);

    /// <summary>Runs a command inside.</summary>
    public Task<ExecResult> ExecAsync(params IEnumerable<string> command) => docker.TryAsync(["exec", Name, .. command]);

    /// <summary>Starts a command inside, with its standard streams here.</summary>
    public Process StartExec(params IEnumerable<string> command) => docker.Start(["exec", "--interactive", Name, .. command]);

    /// <summary>Where a port of it is reached from this machine. Another one after each start.</summary>
    public async Task<int> GetMappedPublicPortAsync(int port)
    {
        var address = (await docker.RunAsync("port", Name, port.ToString(CultureInfo.InvariantCulture))).Split('\n')[0];
        return int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Copies a folder of it to where there is none, whether it runs or not.</summary>
    public Task CopyOutAsync(string path, string to) => docker.RunAsync("cp", $"{Name}:{path}", to);

    /// <summary>What it wrote to its standard streams.</summary>
    public async Task<string> GetLogsAsync()
    {
        var said = await docker.TryAsync("logs", "--tail", "60", Name);
        return said.Stdout + said.Stderr;
    }

    /// <summary>A fact about it, by a Go template.</summary>
    public Task<string> InspectAsync(string format) => docker.RunAsync("inspect", "--format", format, Name);

    public async ValueTask DisposeAsync() => await docker.RunAsync("rm", "--force", "--volumes", Name); // anonymous volumes only
}
