using Tavern.EventSourced.Events;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

/// <summary>Each verdict of `why`, as real nodes come to it.</summary>
public sealed class VerdictTests
{
    [Fact]
    public async Task Agree_when_both_hold_the_same()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        var said = await tavern.ReportAsync(1, "gandalf", "working");
        await TestNodes.UntilDeliveredAsync(tavern.Nodes.Nodes[0], tavern.Nodes.Jake, said);
        var why = await tavern.WhyAsync();
        Assert.Equal(("agree", null, "working", "working"), (why.Verdict, why.Reason, why.Observed?.Value, why.Own?.Value));
    }

    [Fact]
    public async Task Never_said_when_neither_holds_anything()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        var why = await tavern.WhyAsync(field: "task");
        Assert.True(why.Verdict == "never-said", $"{why.Verdict}: {string.Join(", ", why.Asked)}");
    }

    [Fact]
    public async Task Stale_view_when_the_question_is_about_an_older_cut()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        var before = (await tavern.SendAsync(0, new GetState("jake"))).Reading.Cursor;
        var said = await tavern.ReportAsync(1, "gandalf", "working");
        await TestNodes.UntilDeliveredAsync(tavern.Nodes.Nodes[0], tavern.Nodes.Jake, said);
        var why = await tavern.SendAsync(0, new ExplainBelief("jake", "gandalf", AsOf: before));
        Assert.Equal(("stale-view", "idle", "working"), (why.Verdict, why.Observed?.Value, why.Own?.Value));
    }

    [Fact]
    public async Task Overruled_when_the_observer_has_the_event_and_a_rule_decides_otherwise()
    {
        await using var tavern = await Verdicts.StartAsync(3);
        var (nodes, jake, legolas) = (tavern.Nodes.Nodes, tavern.Nodes.Jake, tavern.Nodes.AgentOf(2));
        await tavern.SendAsync(0, new SetGossip("jake", true));
        var waiting = await tavern.ReportAsync(1, "gandalf", "waiting");
        await TestNodes.UntilDeliveredAsync(nodes[2], legolas, waiting);
        await tavern.SendAsync(1, new SetGossip("gandalf", true)); // he never hears that he is retired
        await tavern.SendAsync(0, Act.Retire("jake", "gandalf"));
        await tavern.SendAsync(0, new SetGossip("jake", false));
        await TestNodes.UntilDeliveredAsync(nodes[0], jake, waiting);
        var why = await tavern.WhyAsync();
        Assert.Equal(("overruled", "retired", "waiting"), (why.Verdict, why.Observed?.Value, why.Own?.Value));
    }

    [Fact]
    public async Task Held_back_when_the_event_arrived_and_waits_for_another()
    {
        await using var tavern = await Verdicts.StartAsync(3);
        var (nodes, gandalf, legolas) = (tavern.Nodes.Nodes, tavern.Nodes.AgentOf(1), tavern.Nodes.AgentOf(2));
        tavern.JakesLine.Gossip = TamperedTransport.Change(segment => segment.Chain.Agent == legolas ? null : segment);
        var cause = await nodes[2].SayAsync(legolas, "the cause");
        await TestNodes.UntilDeliveredAsync(nodes[1], gandalf, cause);
        var said = await tavern.ReportAsync(1, "gandalf", "working");

        var why = await tavern.UntilAsync("held-back");
        Assert.Equal(("idle", "working"), (why.Observed?.Value, why.Own?.Value));
        Assert.Equal(said.ToString(), why.Missing?.First.Id);
        Assert.Contains(why.Evidence.Append(why.Cause), line => line.Contains($"legolas:{cause.Sequence}", StringComparison.Ordinal));

        tavern.JakesLine.Gossip = TamperedTransport.PassOn;
        await TestNodes.UntilDeliveredAsync(nodes[0], tavern.Nodes.Jake, said);
        Assert.Equal("agree", (await tavern.WhyAsync()).Verdict);
    }

    [Fact]
    public async Task Rejected_when_the_event_arrived_and_was_refused()
    {
        await using var tavern = await Verdicts.StartAsync(2);
        var gandalf = tavern.Nodes.AgentOf(1);
        tavern.JakesLine.Gossip = TamperedTransport.Change(segment => segment.Chain.Agent == gandalf ? new Segment(segment.Records, new byte[64]) : segment);
        var said = await tavern.ReportAsync(1, "gandalf", "working");
        var why = await tavern.UntilAsync("rejected");
        Assert.Equal(("idle", "working", said.ToString()), (why.Observed?.Value, why.Own?.Value, why.Missing?.First.Id));

        tavern.JakesLine.Gossip = TamperedTransport.PassOn;
        await TestNodes.UntilDeliveredAsync(tavern.Nodes.Nodes[0], tavern.Nodes.Jake, said);
        Assert.Equal("agree", (await tavern.WhyAsync()).Verdict);
    }

    [Fact]
    public async Task Unreachable_when_the_subjects_node_is_stopped_and_what_is_proven_is_shown()
    {
        await using var tavern = await Verdicts.StartAsync(3);
        var said = await tavern.ReportAsync(1, "gandalf", "working");
        await TestNodes.UntilDeliveredAsync(tavern.Nodes.Nodes[0], tavern.Nodes.Jake, said);
        await tavern.Nodes.Nodes[1].StopAsync();
        var why = await tavern.WhyAsync();
        Assert.Equal(("unreachable", "working"), (why.Verdict, why.Observed?.Value));
        Assert.Null(why.Own);
        Assert.False(why.Asked.Single(asked => asked.Agent.Name == "gandalf").Answered);
        Assert.Equal(said.ToString(), why.Observed!.Evidence.AsOf.Id);
    }
}
