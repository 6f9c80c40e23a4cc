using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>Nodes that stand still, die, or have a wrong clock, under constant appends.</summary>
[Collection(ContainersCollection.Name)]
public sealed class NodeFaultTests(ContainersFixture containers)
{
    private const int Kills = 5;

    [SkippableFact]
    public Task Nodes_that_stood_still_go_on() => containers.ShareAsync(tavern => Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
    {
        var (still, others) = (tavern.Members.Skip(3).ToList(), tavern.Members.Take(3).ToList());
        foreach (var member in still) await member.Container.PauseAsync();
        await tavern.UntilSilentAsync(still.Count, cancellationToken);
        await load.MoreAsync(20, others, cancellationToken);
        foreach (var member in still) await member.Container.UnpauseAsync();
    }));

    [SkippableFact]
    public Task Containers_that_are_killed_and_started_again_and_again_lose_nothing() => containers.ShareAsync(async tavern =>
    {
        var seed = (ulong)Environment.TickCount64;
        var order = Enumerable.Range(0, Kills).Select(kill => tavern.Members[kill % tavern.Members.Count]).ToArray();
        new SplitMix64(seed).Shuffle<ContainerMember>(order);
        await Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
        {
            foreach (var member in order)
            {
                await member.Container.KillAsync();
                await load.MoreAsync(3, tavern.Members.Except([member]), cancellationToken);
                await member.StartAsync();
            }
        });
    });

    [SkippableFact]
    public Task A_node_whose_clock_is_a_day_ahead_and_then_right_again_disturbs_nobody() => containers.ShareAsync(tavern => Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
    {
        var member = tavern.Members[2];
        await member.ReplaceAsync(node => node.WithImage(ContainersFixture.ToolsImage)
            .WithEnvironment("FAKETIME", "+1d").WithEnvironment("FAKETIME_DONT_FAKE_MONOTONIC", "1").WithEnvironment("LD_PRELOAD", "libfaketime.so.1").WithEnvironment("LD_LIBRARY_PATH", "/usr/lib/x86_64-linux-gnu/faketime"));
        var there = (await member.Container.ExecAsync("date", "+%s")).Stdout;
        Assert.True(long.Parse(there, System.Globalization.CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow.AddHours(23).ToUnixTimeSeconds(), $"its clock says {there}");
        await load.MoreAsync(20, tavern.Members, cancellationToken);
        await member.ReplaceAsync();
    }));

    [SkippableFact]
    public Task A_container_that_is_told_to_stop_stops_in_order() => containers.ShareAsync(async tavern =>
    {
        Assert.Equal(0, await tavern.Members[3].Container.StopAsync());
        await tavern.Members[3].StartAsync();
        await Drill.AtRestAsync(tavern, _ => Task.CompletedTask);
    });
}
