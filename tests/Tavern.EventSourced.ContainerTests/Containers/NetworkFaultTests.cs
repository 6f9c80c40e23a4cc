using System.Globalization;
using System.Net;
using Tavern.EventSourced.ContainerTests.Containers.Docker;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>Lines between machines that fail, under constant appends.</summary>
[Collection(ContainersCollection.Name)]
public sealed class NetworkFaultTests(ContainersFixture containers)
{
    private const string Gossip = "7411";

    [SkippableFact]
    public Task Two_nodes_without_a_network_go_on_alone_and_catch_up_at_other_addresses() => containers.ShareAsync(tavern => Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
    {
        var cutOff = (ContainerMember[])[tavern.Members[1], tavern.Members[2]];
        foreach (var member in cutOff) await tavern.Network.DisconnectAsync(member.Container);
        await tavern.UntilSilentAsync(cutOff.Length, cancellationToken);
        await load.MoreAsync(20, tavern.Members, cancellationToken); // the two alone, the other three among themselves
        foreach (var member in cutOff.Reverse()) await tavern.Network.ConnectAsync(member.Container, member.Name); // in the other order, so that each may get the other's old address
    }));

    [SkippableFact]
    public Task Two_halves_go_on_apart_and_become_one_again() => containers.ShareAsync(tavern => Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
    {
        await using var island = await Network.CreateAsync(tavern.Engine);
        var (here, apart) = (tavern.Members.Take(3).ToList(), tavern.Members.Skip(3).ToList());
        foreach (var member in apart)
        {
            await tavern.Network.DisconnectAsync(member.Container);
            await island.ConnectAsync(member.Container, member.Name);
        }

        await tavern.UntilSilentAsync(apart.Count, cancellationToken);
        await load.MoreAsync(20, tavern.Members, cancellationToken);
        var news = await load.NextAsync(apart[0], cancellationToken);
        await tavern.UntilHeardAsync(4, news, cancellationToken); // each half is a tavern
        await tavern.UntilHeardAsync(2, await load.NextAsync(here[0], cancellationToken), cancellationToken);
        Assert.Equal(404, (await Assert.ThrowsAsync<DoorException>(() => here[0].InsistAsync(new GetRecord(news), cancellationToken))).Problem.Status);
        foreach (var member in apart)
        {
            await island.DisconnectAsync(member.Container);
            await tavern.Network.ConnectAsync(member.Container, member.Name);
        }
    }));

    [SkippableFact]
    public Task News_passes_lines_that_lead_one_way_only() => containers.ShareAsync(tavern => Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
    {
        var (caller, called) = (tavern.Members[1], tavern.Members[2]);
        await PacketFilter.DropAsync(caller, "INPUT", "--protocol", "tcp", "--dport", Gossip); // nobody reaches it
        await PacketFilter.DropAsync(called, "OUTPUT", "--protocol", "tcp", "--dport", Gossip); // it reaches nobody
        await load.MoreAsync(10, tavern.Members, cancellationToken);
        foreach (var from in (ContainerMember[])[caller, called])
        {
            var news = await load.NextAsync(from, cancellationToken); // acknowledged after the fault began
            for (var number = 0; number < tavern.Members.Count; number++) await tavern.UntilHeardAsync(number, news, cancellationToken);
        }

        foreach (var member in (ContainerMember[])[caller, called]) Assert.True(await PacketFilter.HealAsync(member) > 0, $"nothing was dropped at {member.Name}");
    }));

    [SkippableFact]
    public Task Every_fifth_packet_may_be_lost() => containers.ShareAsync(tavern => Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
    {
        foreach (var member in tavern.Members) await PacketFilter.DropAsync(member, "INPUT", "--in-interface", "eth+", "--match", "statistic", "--mode", "random", "--probability", "0.2");
        await load.MoreAsync(30, tavern.Members, cancellationToken);
        foreach (var member in tavern.Members) Assert.True(await PacketFilter.HealAsync(member) > 0, $"nothing was dropped at {member.Name}");
    }));

    [SkippableFact]
    public Task A_node_at_the_end_of_a_slow_line_hears_everything() => containers.ShareAsync(tavern => Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
    {
        var far = tavern.Members[4];
        await using var line = new SlowLine(
            IPAddress.Parse(await tavern.Network.GatewayAsync()),
            async () => await far.Container.FindAddressAsync() is { } address ? new IPEndPoint(address, ContainerMember.GossipPort) : null,
            TimeSpan.FromMilliseconds(250));
        await far.ReplaceAsync(node => node.WithEnvironment("TAVERN_ADVERTISE", string.Create(CultureInfo.InvariantCulture, $"https://{line.Address}")));
        await load.MoreAsync(20, tavern.Members, cancellationToken);
        for (var number = 0; number < tavern.Members.Count; number++) await tavern.UntilHeardAsync(number, await load.NextAsync(far, cancellationToken), cancellationToken);
        Assert.True(line.Bytes > 0, "nobody took the slow line");
        await far.ReplaceAsync();
    }));
}
