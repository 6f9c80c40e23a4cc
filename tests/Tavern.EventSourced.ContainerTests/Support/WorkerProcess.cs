using System.Diagnostics;
using System.Threading.Channels;
using Tavern.EventSourced.SampleWorker;

namespace Tavern.EventSourced.ContainerTests.Support;

/// <summary>The sample worker in a process of its own. It ends when its standard input closes, however this process ends.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(20); // a clean stop takes a second on an idle machine

    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private WorkerProcess(Process process, ChannelWriter<string> lines)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync(process.StandardOutput, lines);
    }

    /// <summary>Starts a worker; what it says goes to <paramref name="lines"/>.</summary>
    public static WorkerProcess Start(string data, string keys, ChannelWriter<string> lines)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in (string[])[typeof(TaskSteps).Assembly.Location, data, keys]) start.ArgumentList.Add(word);
        return new WorkerProcess(Process.Start(start)!, lines);
    }

    /// <summary>Ends it with SIGKILL. It must have lived until then.</summary>
    public async Task KillAsync()
    {
        Assert.False(_process.HasExited, _process.HasExited ? $"The worker ended by itself: {await _errors}" : "");
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    /// <summary>Asks it to end. It must do so, and without complaint.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(StopTimeMax);
            await _reading;
            Assert.True(_process.ExitCode == 0, $"The worker returned {_process.ExitCode}: {await _errors}");
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _process.Kill();
            throw;
        }
        finally
        {
            _process.Dispose();
        }
    }

    private static async Task ReadAsync(StreamReader output, ChannelWriter<string> lines)
    {
        while (await output.ReadLineAsync() is { } line) await lines.WriteAsync(line);
    }
}
