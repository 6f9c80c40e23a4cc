using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Containers.Docker;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>Volumes that are lost, old, or full.</summary>
[Collection(ContainersCollection.Name)]
public sealed class VolumeFaultTests(ContainersFixture containers)
{
    [SkippableFact]
    public Task A_node_whose_data_volume_is_empty_gets_its_log_back_and_goes_on_in_a_new_epoch() => containers.ShareAsync(tavern => Drill.AtRestAsync(tavern, async cancellationToken =>
    {
        var member = tavern.Members[1];
        await member.Container.KillAsync();
        await ShellAsync(tavern, "find /to -mindepth 1 -delete", to: member.Data);
        await member.StartAsync();
        await EpochBeganAsync(tavern, member, cancellationToken);
    }));

    [SkippableFact]
    public Task A_node_whose_data_volume_is_an_older_copy_gets_its_log_back_and_goes_on_in_a_new_epoch() => containers.ShareAsync(tavern => Drill.AtRestAsync(tavern, async cancellationToken =>
    {
        var member = tavern.Members[2];
        await using var copy = await Volume.CreateAsync(tavern.Engine);
        Assert.Equal(0, await member.Container.StopAsync());
        await ShellAsync(tavern, "cp -a /from/. /to", from: member.Data, to: copy);
        await member.StartAsync();
        await Drill.AppendAsync(tavern, cancellationToken); // what the copy lacks
        await member.Container.KillAsync();
        await ShellAsync(tavern, "find /to -mindepth 1 -delete && cp -a /from/. /to", from: copy, to: member.Data);
        await member.StartAsync();
        await EpochBeganAsync(tavern, member, cancellationToken);
    }));

    [SkippableFact]
    public async Task A_node_whose_volume_is_full_refuses_writes_and_goes_on_once_there_is_room()
    {
        var engine = await containers.EngineAsync();
        await using var tavern = await TavernOfContainers.StartAsync(engine, data: name => Volume.CreateAsync(engine, name == "frodo" ? 16 : null));
        await Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
        {
            var full = tavern.Members[3];
            await full.Container.ExecAsync("sh", "-c", "head -c 32M /dev/zero > /data/ballast"); // ends when there is no room left
            var refusal = await RefusedAsync(full, cancellationToken);
            Assert.Contains("disk is full", refusal, StringComparison.Ordinal);
            await load.MoreAsync(10, tavern.Members.Except([full]), cancellationToken);
            await full.InsistAsync(new GetStatus(full.Name), cancellationToken); // reads go on
            Assert.Equal(0, (await full.Container.ExecAsync("rm", "/data/ballast")).ExitCode);
        });
    }

    private static async Task<string> RefusedAsync(ContainerMember member, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                await member.SendAsync(new WriteEvent(member.Name, nameof(DiscoveryShared), JsonSerializer.SerializeToElement(new { text = new string('x', 60_000) })), cancellationToken);
            }
            catch (DoorException e)
            {
                return e.Message;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // A busy machine.
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static async Task EpochBeganAsync(TavernOfContainers tavern, ContainerMember member, CancellationToken cancellationToken)
    {
        await tavern.UntilConvergedAsync(cancellationToken);
        var load = Load.Start(tavern, cancellationToken);
        var next = await load.NextAsync(member, cancellationToken);
        await load.StopAsync();
        Assert.True(Identity.EventId.Parse(next).Epoch > 1, $"{next} is of no new epoch");
    }

    private static Task<string> ShellAsync(TavernOfContainers tavern, string line, Volume to, Volume? from = null)
    {
        var shell = new ContainerBuilder(tavern.Engine).WithImage(ContainersFixture.NodeImage).WithUser("root").WithEntrypoint("sh").WithVolumeMount(to, "/to").WithCommand("-c", line);
        return (from is null ? shell : shell.WithVolumeMount(from, "/from")).RunToEndAsync();
    }
}
