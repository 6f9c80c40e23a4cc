using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

/// <summary>Each reason why news has not come, as real nodes come to it. The line that is tampered with is jake's, the observer's; a
/// subject that answers is always one of those who have its event, so the line must fail for gossip alone.</summary>
public sealed class NotHeardTests
{
    [Fact]
    public async Task Paused_when_the_observer_paused_its_own_gossip()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        await tavern.SendAsync(0, new SetGossip("jake", true));
        await ExpectAsync(tavern, "paused", "gandalf");
        await tavern.SendAsync(0, new SetGossip("jake", false));
        await tavern.UntilAsync("agree");
    }

    [Fact]
    public async Task Peers_paused_when_whoever_has_it_paused_gossip()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        await tavern.SendAsync(1, new SetGossip("gandalf", true));
        await ExpectAsync(tavern, "peers-paused", "gandalf");
    }

    [Fact]
    public async Task Peer_down_when_the_only_one_who_has_it_does_not_answer()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        tavern.JakesLine.Gossip = TamperedTransport.Cut;
        await ExpectAsync(tavern, "peer-down", "gandalf");
        await tavern.UntilAsync("not-heard", "peer-down", text: "The line is cut.");
        tavern.JakesLine.Gossip = TamperedTransport.PassOn;
        await tavern.UntilAsync("agree");
    }

    [Fact]
    public async Task No_path_when_several_have_it_and_none_answers()
    {
        await using var tavern = await Verdicts.StartAsync(3);
        tavern.JakesLine.Gossip = TamperedTransport.Cut;
        await TestNodes.UntilDeliveredAsync(tavern.Nodes.Nodes[2], tavern.Nodes.AgentOf(2), await tavern.ReportAsync(1, "gandalf", "done"));
        await ExpectAsync(tavern, "no-path", "gandalf", "legolas");
    }

    [Fact]
    public async Task Back_pressure_when_whoever_has_it_is_busy()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        tavern.JakesLine.Gossip = (_, _) => ValueTask.FromResult<GossipMessage>(new GossipMessage.Refused(RefusalReason.Busy, "Too much to do."));
        await ExpectAsync(tavern, "back-pressure", "gandalf");
    }

    [Fact]
    public async Task In_flight_when_it_was_asked_for_and_has_not_arrived_yet()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        var arrive = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tavern.JakesLine.Gossip = async (call, pass) =>
        {
            if (call.Message is GossipMessage.Push) await arrive.Task;
            return await pass(call);
        };
        await ExpectAsync(tavern, "in-flight", "gandalf");
        arrive.SetResult();
        await tavern.UntilAsync("agree");
    }

    [Fact]
    public async Task Due_when_nothing_is_in_the_way_and_nobody_has_asked_yet()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        var arrive = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tavern.JakesLine.Gossip = async (call, pass) =>
        {
            await arrive.Task;
            return await pass(call);
        };
        await ExpectAsync(tavern, "due", "gandalf");
        arrive.SetResult();
        await tavern.UntilAsync("agree");
    }

    [Fact]
    public async Task Never_met_when_the_observer_knows_nobody_who_has_it()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        var gandalfs = tavern.Nodes.Nodes[1];
        var options = tavern.Nodes.NewOptions("sam") with { Transport = tavern.NewLine("sam") };
        var invitation = await gandalfs.InviteAsync(tavern.Nodes.AgentOf(1), "sam", null, CancellationToken.None);
        var sam = invitation.Agent;
        await TestNodes.UntilAsync(tavern.Nodes.Nodes[0], tavern.Nodes.Jake, reader => reader.VoucherOf(tavern.Nodes.Jake, sam) is not null, "jake hears of sam");

        // Jake hears neither from sam nor of where he is; gandalf hears where he is, and then no more.
        var strip = TamperedTransport.Change(segment => segment.Chain.Agent == sam ? null : segment);
        tavern.JakesLine.Gossip = (call, pass) => call.From == sam ? TamperedTransport.Cut(call, pass) : strip(call, pass);
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        await using var sams = await TavernNode.StartAsync(options, CancellationToken.None);
        await TestNodes.UntilDeliveredAsync(gandalfs, tavern.Nodes.AgentOf(1), new EventId(sam, 1, 1));
        await gandalfs.PauseGossipAsync(tavern.Nodes.AgentOf(1), [], CancellationToken.None);
        await using var door = new Tavern.EventSourced.Node.Doors.LocalDoor(sams);
        await door.SendAsync(Act.Report("sam", "working"), CancellationToken.None);

        var why = await tavern.UntilAsync("not-heard", "never-met", node: 1, subject: "sam");
        Assert.Equal(["sam"], why.Holders.Select(holder => holder.Name));
    }

    /// <summary>Gandalf says something, and jake has not heard it for this reason.</summary>
    private static async Task<WhyAnswer> ExpectAsync(Verdicts tavern, string reason, params string[] holders)
    {
        var said = await tavern.ReportAsync(1, "gandalf", "working");
        if (holders.Length > 1) await TestNodes.UntilDeliveredAsync(tavern.Nodes.Nodes[2], tavern.Nodes.AgentOf(2), said);
        var why = await tavern.UntilAsync("not-heard", reason);
        Assert.Equal(("idle", "working"), (why.Observed?.Value, why.Own?.Value));
        Assert.Equal((said.ToString(), said.ToString()), (why.Own?.Evidence.AsOf.Id, why.Missing?.Last.Id));
        Assert.Equal(holders, why.Holders.Select(holder => holder.Name).Order());
        Assert.NotEmpty(why.Commands);
        return why;
    }
}
