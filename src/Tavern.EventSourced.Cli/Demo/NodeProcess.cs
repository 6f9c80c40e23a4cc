using System.Diagnostics;
using System.Text.Json;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Rendering;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>A node in a process of its own. It ends when this process ends, however that happens, because its standard input
/// closes then.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int ErrorLinesMax = 20; // enough for a stack trace's head

    private static readonly TimeSpan StartTimeMax = TimeSpan.FromMinutes(1); // a hundred times the usual: 23 s were seen where fifty processes shared two cores
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(5); // a clean stop takes a fraction of a second

    private readonly Process _process;
    private readonly Task<string> _errors;
    private Task<string> _output = Task.FromResult("");

    private NodeProcess(Process process)
    {
        _process = process;
        _errors = LastLinesAsync(process.StandardError);
    }

    /// <summary>What it said once it answered.</summary>
    public NodeUp Up { get; private set; } = null!;

    /// <summary>Starts a node and returns when it answers.</summary>
    /// <exception cref="CliException">It ended, or did not answer in time; with what it wrote.</exception>
    public static async Task<NodeProcess> StartAsync(TavernExecutable tavern, string dataFolder, string keysFolder, CancellationToken cancellationToken)
    {
        var node = new NodeProcess(Process.Start(tavern.StartInfo("node", "--data", dataFolder, "--keys", keysFolder, "-o", "ndjson", NodeCommand.ExitWithParent))!);
        try
        {
            var banner = await node._process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartTimeMax, cancellationToken);
            if (banner is not null)
            {
                node.Up = JsonSerializer.Deserialize(banner, CliJson.Default.NodeUp)!;
                node._output = node._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return node;
            }
        }
        catch (OperationCanceledException)
        {
            await node.DisposeAsync();
            throw;
        }
        catch (Exception e) when (e is TimeoutException or JsonException)
        {
            // Told below, together with what it wrote.
        }

        await node.DisposeAsync();
        throw new CliException(ExitCode.Fault, $"The node on {dataFolder} did not start.", "that it answers within " + StartTimeMax, await node._errors);
    }

    /// <summary>Ends it with SIGKILL: no goodbye, nothing flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, and kills it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(StopTimeMax);
            await Task.WhenAll(_output, _errors);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            await KillAsync();
        }
        finally
        {
            _process.Dispose();
        }
    }

    // Reads to the end, so that the node never waits for a full pipe.
    private static async Task<string> LastLinesAsync(StreamReader errors)
    {
        var last = new Queue<string>();
        while (await errors.ReadLineAsync() is { } line)
        {
            last.Enqueue(line.Trim());
            if (last.Count > ErrorLinesMax) last.Dequeue();
        }

        return string.Join(" ", last);
    }
}
