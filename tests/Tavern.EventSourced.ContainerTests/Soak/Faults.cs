using System.Diagnostics;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>What goes wrong: every two seconds a node is killed and started again, and now and then packets do not arrive. Where starts take long no more
/// than three are under way at once, or a slow machine would have no tavern left.</summary>
internal sealed class Faults(TavernOfProcesses tavern, PacketFilter filter, SoakPlan plan)
{
    private const int StartsMax = 3;

    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenPartitionsMax = TimeSpan.FromSeconds(3);

    private readonly List<Kill> _kills = [];
    private readonly List<Partition> _partitions = [];

    /// <summary>The one node that is never killed: its memory is watched over the whole run.</summary>
    public int Survivor { get; } = new SplitMix64(plan.Seed).Below(tavern.Members.Count);

    /// <summary>Those so far, in order.</summary>
    public IReadOnlyList<Kill> Kills => _kills;

    /// <summary>Those so far, in order.</summary>
    public IReadOnlyList<Partition> Partitions => _partitions;

    /// <summary>Lets things go wrong for as long as planned; afterwards everything is healed and up.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(plan.Faults);
        var parting = PartAsync(new SplitMix64(plan.Seed + 2), end.Token);
        try
        {
            await KillAsync(new SplitMix64(plan.Seed + 1), end.Token);
        }
        finally
        {
            await end.CancelAsync(); // a node that does not start again ends it all
            await parting;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task KillAsync(SplitMix64 random, CancellationToken end)
    {
        var restarts = new Task[tavern.Members.Count];
        Array.Fill(restarts, Task.CompletedTask);
        using var timer = new PeriodicTimer(BetweenKills);
        while (await TicksAsync(timer, end))
        {
            int[] running = [.. Enumerable.Range(0, restarts.Length).Where(node => node != Survivor && restarts[node].IsCompleted)];
            if (restarts.Length - 1 - running.Length >= StartsMax) continue;
            var node = running[random.Below(running.Length)];
            await restarts[node]; // a start that failed ends the soak here
            await tavern.KillAsync(node);
            restarts[node] = RestartAsync(node);
        }

        await Task.WhenAll(restarts);
    }

    private async Task RestartAsync(int node)
    {
        var (at, started) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        await tavern.StartAsync(node);
        lock (_kills) _kills.Add(new Kill(node, at, Stopwatch.GetElapsedTime(started)));
    }

    private async Task PartAsync(SplitMix64 random, CancellationToken end)
    {
        while (await PassesAsync(BetweenPartitionsMax * random.NextUnit(), end))
        {
            var partition = Partition.Draw(random, tavern.Members.Count);
            filter.Cut(partition.Links, tavern.GossipPorts);
            _partitions.Add(partition);
            await PassesAsync(partition.Length, end);
            filter.Heal();
        }
    }

    /// <summary>False when the end came first.</summary>
    private static async Task<bool> PassesAsync(TimeSpan time, CancellationToken end)
    {
        using var timer = new PeriodicTimer(time + TimeSpan.FromMilliseconds(1));
        return await TicksAsync(timer, end);
    }

    private static async Task<bool> TicksAsync(PeriodicTimer timer, CancellationToken end)
    {
        try
        {
            return await timer.WaitForNextTickAsync(end);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>A SIGKILL, and the start that followed at once.</summary>
/// <param name="Node">Which.</param>
/// <param name="At">When it was started again.</param>
/// <param name="Ready">How long it took until its API answered: it does when the log is read.</param>
internal sealed record Kill(int Node, DateTimeOffset At, TimeSpan Ready);
