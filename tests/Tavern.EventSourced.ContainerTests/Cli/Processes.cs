using System.Diagnostics;
using System.Text.Json;

namespace Tavern.EventSourced.ContainerTests.Cli;

/// <summary>Processes of nodes, found through what they leave in their folders.</summary>
internal static class Processes
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>The nodes that run on the data folders below a folder.</summary>
    public static IReadOnlyList<int> OfNodesIn(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "node.json", SearchOption.AllDirectories)
            .Select(file => JsonElement.Parse(File.ReadAllText(file)).GetProperty("pid").GetInt32()),
    ];

    /// <summary>Waits until all of them have ended.</summary>
    public static async Task UntilGoneAsync(IReadOnlyList<int> processes)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        foreach (var number in processes)
        {
            try
            {
                using var process = Process.GetProcessById(number);
                await process.WaitForExitAsync(deadline.Token);
            }
            catch (ArgumentException)
            {
                // Gone already.
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Process {number} still runs {Deadline.TotalSeconds} s later.");
            }
        }
    }
}
