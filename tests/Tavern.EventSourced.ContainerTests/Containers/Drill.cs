namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>How every fault is tried: appends, the fault and its end, appends, and then what must hold.</summary>
internal static class Drill
{
    private const int Appends = 5; // per node, before and after

    private static readonly TimeSpan DrillMax = TimeSpan.FromMinutes(8); // twenty seconds on an idle machine

    /// <summary>With appends at all nodes all the time. The fault is over when <paramref name="fault"/> returns.</summary>
    public static Task UnderLoadAsync(TavernOfContainers tavern, Func<Load, CancellationToken, Task> fault) => ToldAsync(tavern, async cancellationToken =>
    {
        var load = Load.Start(tavern, cancellationToken);
        await load.MoreAsync(Appends, tavern.Members, cancellationToken);
        await fault(load, cancellationToken);
        await load.MoreAsync(Appends, tavern.Members, cancellationToken);
        await load.StopAsync();
        await EndCheck.VerifyAsync(tavern, cancellationToken);
    });

    /// <summary>With a fault that may take what only one node has: everybody has everything when it comes.</summary>
    public static Task AtRestAsync(TavernOfContainers tavern, Func<CancellationToken, Task> fault) => ToldAsync(tavern, async cancellationToken =>
    {
        await AppendAsync(tavern, cancellationToken);
        await fault(cancellationToken);
        await AppendAsync(tavern, cancellationToken);
        await EndCheck.VerifyAsync(tavern, cancellationToken);
    });

    /// <summary>Some appends at every node, until everybody has them.</summary>
    public static async Task AppendAsync(TavernOfContainers tavern, CancellationToken cancellationToken)
    {
        var load = Load.Start(tavern, cancellationToken);
        await load.MoreAsync(Appends, tavern.Members, cancellationToken);
        await load.StopAsync();
        await tavern.UntilConvergedAsync(cancellationToken);
    }

    private static async Task ToldAsync(TavernOfContainers tavern, Func<CancellationToken, Task> drill)
    {
        using var deadline = new CancellationTokenSource(DrillMax);
        try
        {
            await drill(deadline.Token);
        }
        catch (Exception e)
        {
            await deadline.CancelAsync(); // ends the writers
            throw new InvalidOperationException($"{e.Message}\n{await tavern.DescribeAsync()}", e);
        }
    }
}
