using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using static Tavern.EventSourced.Tests.Provenance.Cast;

namespace Tavern.EventSourced.Tests.Provenance;

public class SpreadTests
{
    private static readonly EventId Event = Gandalf.At(42);

    private static DeliveryReport Wrote => new(Gandalf, new AskAnswer.Delivered(new Run(Gandalf, 90, Event.Chain, 40, 44, 0, 0), null, Ago(10)));

    private static DeliveryReport Silent(AgentId agent) => new(agent, null);

    private static DeliveryReport Without(AgentId agent) => new(agent, new AskAnswer.NotDelivered(41));

    private static DeliveryReport Told(AgentId agent, AgentId from, int hop, double secondsAgo, DeliveryMode mode = DeliveryMode.Network) => new(
        agent,
        new AskAnswer.Delivered(
            new Run(agent, 50, Event.Chain, 42, 42, hop, 9),
            new Receipt(agent, 9, from, 0xabc, mode, Ago(secondsAgo), 100, ReceiptOutcome.Delivered),
            Ago(10)));

    [Fact]
    public void Who_told_whom_reads_as_a_tree()
    {
        var tree = SpreadTree.Of(Event, [Told(Jake, Frodo, 2, 7), Wrote, Told(Frodo, Gandalf, 1, 9.5), Told(Legolas, Gandalf, 1, 9, DeliveryMode.Local), Without(Gimli)]);
        Assert.True(tree.Complete);
        Assert.Equal([(Gandalf, Frodo), (Frodo, Jake), (Gandalf, Legolas)], tree.Edges);
        Assert.Equal(
            [
                (0, Gandalf, SpreadState.Wrote, (AgentId?)null, (double?)null),
                (1, Frodo, SpreadState.Delivered, Gandalf, 500),
                (2, Jake, SpreadState.Delivered, Frodo, 2_500),
                (1, Legolas, SpreadState.Delivered, Gandalf, 1_000),
                (0, Gimli, SpreadState.Absent, null, null),
            ],
            tree.Nodes.Select(node => (node.Depth, node.Agent, node.State, node.From, (double?)node.LatencyMilliseconds)));
    }

    [Fact]
    public void A_silent_teller_leaves_its_part_standing_alone()
    {
        var tree = SpreadTree.Of(Event, [Wrote, Silent(Frodo), Told(Jake, Frodo, 2, 7), Told(Legolas, Gandalf, 1, 9), Without(Gimli)]);
        Assert.False(tree.Complete);
        Assert.Equal([(Gandalf, Legolas), (Frodo, Jake)], tree.Edges);
        Assert.Equal((0, SpreadState.Silent), tree.Nodes.Where(node => node.Agent == Frodo).Select(node => (node.Depth, node.State)).Single());
        Assert.Equal((3, 5, false), (tree.Heard.Holders.Length, tree.Heard.Total, tree.Heard.Exact));
    }

    [Fact]
    public void A_silent_writer_is_still_the_root()
    {
        var tree = SpreadTree.Of(Event, [Silent(Gandalf), Told(Jake, Gandalf, 1, 7)]);
        Assert.Equal([(Gandalf, Jake)], tree.Edges);
        Assert.Equal([Gandalf, Jake], tree.Nodes.Select(node => node.Agent));
        Assert.Null(tree.Nodes[1].Flaw);
        Assert.False(tree.Complete);
    }

    [Fact]
    public void An_import_is_never_shown_as_a_conversation()
    {
        var tree = SpreadTree.Of(Event, [Told(Frodo, Gandalf, 3, 7, DeliveryMode.Imported), Told(Jake, Frodo, 4, 5)]);
        Assert.Equal([(Frodo, Jake)], tree.Edges);
        Assert.Null(tree.Nodes.Single(node => node.Agent == Frodo).From);
        Assert.Equal(SpreadState.Imported, tree.Nodes.Single(node => node.Agent == Frodo).State);
        Assert.False(tree.Complete);
    }

    [Fact]
    public void A_source_that_denies_is_a_flaw_and_no_edge()
    {
        var tree = SpreadTree.Of(Event, [Wrote, Without(Frodo), Told(Jake, Frodo, 2, 7)]);
        Assert.Empty(tree.Edges);
        Assert.Equal(SpreadFlaw.SourceDenies, tree.Nodes.Single(node => node.Agent == Jake).Flaw);
    }

    [Fact]
    public void Agents_that_name_each_other_in_a_circle_are_cut_open_once()
    {
        var tree = SpreadTree.Of(Event, [Wrote, Told(Jake, Frodo, 2, 7), Told(Frodo, Legolas, 2, 7), Told(Legolas, Jake, 2, 7), Told(Gimli, Legolas, 3, 6)]);
        Assert.Equal(5, tree.Nodes.Select(node => node.Agent).Distinct().Count());
        Assert.Equal(5, tree.Nodes.Length);
        Assert.Equal(3, tree.Edges.Count());
        Assert.Single(tree.Nodes, node => node.Flaw == SpreadFlaw.Circle);
    }

    [Fact]
    public void A_hop_that_does_not_follow_is_a_flaw()
    {
        var tree = SpreadTree.Of(Event, [Wrote, Told(Jake, Gandalf, 2, 7)]);
        Assert.Equal(SpreadFlaw.HopMismatch, tree.Nodes.Single(node => node.Agent == Jake).Flaw);
        Assert.False(tree.Complete);
    }

    [Fact]
    public void A_writer_that_recovered_its_event_stays_the_root()
    {
        var tree = SpreadTree.Of(Event, [Told(Gandalf, Jake, 2, 1), Told(Jake, Gandalf, 1, 7)]);
        Assert.Equal([(Gandalf, Jake)], tree.Edges);
        Assert.Equal((SpreadState.Wrote, SpreadFlaw.Recovered), (tree.Nodes[0].State, tree.Nodes[0].Flaw!.Value));
        Assert.Null(tree.Nodes[1].Flaw);
    }

    [Fact]
    public void A_writer_that_lost_its_event_stays_the_root()
    {
        var tree = SpreadTree.Of(Event, [Without(Gandalf), Told(Jake, Gandalf, 1, 7)]);
        Assert.Equal([(Gandalf, Jake)], tree.Edges);
        Assert.Equal(SpreadFlaw.Lost, tree.Nodes[0].Flaw);
        Assert.Equal([Jake], tree.Heard.Holders.AsEnumerable());
    }

    [Fact]
    public void A_claim_to_have_written_it_and_a_pruned_receipt_are_told_apart()
    {
        var tree = SpreadTree.Of(Event,
        [
            Wrote,
            new DeliveryReport(Jake, new AskAnswer.Delivered(new Run(Jake, 5, Event.Chain, 42, 42, 0, 0), null, null)),
            new DeliveryReport(Frodo, new AskAnswer.Delivered(new Run(Frodo, 5, Event.Chain, 42, 42, 1, 3), null, null)),
        ]);
        Assert.Equal(SpreadFlaw.NotTheWriter, tree.Nodes.Single(node => node.Agent == Jake).Flaw);
        Assert.Equal(SpreadFlaw.NoReceipt, tree.Nodes.Single(node => node.Agent == Frodo).Flaw);
        Assert.Empty(tree.Edges);
    }
}
