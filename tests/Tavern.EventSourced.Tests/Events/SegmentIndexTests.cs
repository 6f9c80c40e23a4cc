using Tavern.EventSourced.Events;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Events;

public class SegmentIndexTests
{
    [Fact]
    public void A_new_branch_gets_a_free_number_in_whatever_order_a_store_yielded_the_others()
    {
        var chains = new TestChains(seed: 5);
        var (author, spawn) = chains.Spawn("gandalf");
        var common = author.Next(4);
        var (one, two, three) = (author.Line(1), author.Line(2), author.Line(3));
        var index = new SegmentIndex();
        foreach (var segment in (Segment[])[chains.Founding, spawn, common, two.Next(), author.Next(), one.Next()]) index.Add(segment, verified: true);
        Assert.Equal(3, index.BranchFor(three.Next().InBranch(0)));
    }
}
