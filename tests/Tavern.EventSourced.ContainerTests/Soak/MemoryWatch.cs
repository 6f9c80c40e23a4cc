using System.Globalization;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>Looks at the resident memory of every node that is up, once a second.</summary>
internal sealed class MemoryWatch(TavernOfProcesses tavern, Journal journal)
{
    private const double Page = 4096.0 / 1024 / 1024; // MiB

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly List<MemorySample> _samples = [];

    /// <summary>Watches until the end. Returns what was seen, in order of time.</summary>
    public async Task<IReadOnlyList<MemorySample>> RunAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(Pace);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
                for (var node = 0; node < tavern.Members.Count; node++)
                    if (Resident(node) is { } mebibytes) _samples.Add(new MemorySample(node, journal.Count, mebibytes));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }

        return _samples;
    }

    private double? Resident(int node)
    {
        try
        {
            return long.Parse(File.ReadAllText($"/proc/{tavern.Members[node].Pid}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Page;
        }
        catch (Exception e) when (e is NodeUnreachableException or IOException)
        {
            return null; // killed just now
        }
    }
}

/// <param name="Node">Which.</param>
/// <param name="Events">So many were acknowledged in the whole tavern by then.</param>
/// <param name="Mebibytes">Its resident memory.</param>
internal readonly record struct MemorySample(int Node, int Events, double Mebibytes);
