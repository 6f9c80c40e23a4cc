using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>Programs that write through the nodes' HTTP API, at a constant rate as long as they are answered. Each repeats what was not acknowledged, under the same key,
/// until it is.</summary>
internal sealed class Clients(TavernOfProcesses tavern, Journal journal)
{
    public const int PerNode = 4;

    private const int TextLength = 180; // with its key and JSON around it, about 200 bytes

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200); // eight nodes: 160 events a second, each heard by seven, on two cores with a restart under way

    private int _repeated;

    /// <summary>Refusals because a node could not write yet, after which the same was asked again.</summary>
    public int Repeated => Volatile.Read(ref _repeated);

    /// <summary>What is written under a key.</summary>
    public static string TextOf(string key) => key.PadRight(TextLength, '.');

    /// <summary>Writes until <paramref name="end"/>, and returns when everything is acknowledged.</summary>
    public Task RunAsync(CancellationToken end, CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, tavern.Members.Count * PerNode).Select(client => WriteAsync(client / PerNode, client % PerNode, end, cancellationToken)));

    private async Task WriteAsync(int node, int client, CancellationToken end, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace);
        for (var number = 1; !end.IsCancellationRequested; number++)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var key = $"{tavern.Members[node].Name} {client} {number}";
            var payload = JsonSerializer.SerializeToElement(new { text = TextOf(key) });
            var written = await SendAsync(node, new WriteEvent(tavern.Members[node].Name, nameof(DiscoveryShared), payload) { IdempotencyKey = key }, cancellationToken);
            journal.Add(key, node, written.Event.Id);
        }
    }

    private async Task<WrittenAnswer> SendAsync(int node, WriteEvent write, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await tavern.SendAsync(node, write, cancellationToken);
            }
            catch (DoorException e) when (e.Problem.Type is ProblemTypes.StoreUnavailable or ProblemTypes.CannotWrite)
            {
                Interlocked.Increment(ref _repeated);
            }
        }
    }
}
