using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Identity;

public class SpawnTreeTests
{
    [Theory]
    [InlineData(1, 80, 1000)]
    [InlineData(2, 80, 3)]
    [InlineData(3, 80, 1)]
    public void Ancestors_are_those_found_by_walking_up(ulong seed, int agents, int parentsBack)
    {
        var random = new SplitMix64(seed);
        var (tree, parents) = (SpawnTree.Empty.WithRoot(new AgentId(0)), new List<int> { -1 });
        for (var i = 1; i < agents; i++)
        {
            parents.Add(i - 1 - random.Below(Math.Min(i, parentsBack)));
            tree = tree.With(new AgentId((UInt128)i), new AgentId((UInt128)parents[i]));
        }

        Assert.Equal(agents, tree.Count);
        for (var a = 0; a < agents; a++)
        {
            var pathA = Path(a);
            Assert.Equal(pathA.Count - 1, tree.DepthOf(Id(a)));
            Assert.Equal(a == 0 ? null : Id(parents[a]), tree.ParentOf(Id(a)));
            for (var b = 0; b < agents; b++)
            {
                var pathB = Path(b);
                Assert.True(pathB.Contains(a) == tree.IsInSubtree(Id(a), Id(b)), $"{b} below {a}, seed {seed}.");
                Assert.True((a != b && pathB.Contains(a)) == tree.IsAncestor(Id(a), Id(b)), $"{a} above {b}, seed {seed}.");
                Assert.Equal(Id(pathA.First(pathB.Contains)), tree.NearestCommonAncestor(Id(a), Id(b)));
            }
        }

        AgentId Id(int i) => new((UInt128)i);

        List<int> Path(int i)
        {
            var path = new List<int>();
            for (; i >= 0; i = parents[i]) path.Add(i);
            return path;
        }
    }

    [Fact]
    public void Strangers_are_below_nobody()
    {
        var tree = SpawnTree.Empty.WithRoot(new AgentId(1));
        Assert.False(tree.IsInSubtree(new AgentId(1), new AgentId(2)));
        Assert.False(tree.IsInSubtree(new AgentId(2), new AgentId(2)));
        Assert.Null(tree.NearestCommonAncestor(new AgentId(1), new AgentId(2)));
        Assert.Null(tree.ParentOf(new AgentId(2)));
        Assert.Equal(-1, tree.DepthOf(new AgentId(2)));
    }

    [Fact]
    public void An_agent_has_one_parent_and_the_tree_one_root()
    {
        var tree = SpawnTree.Empty.WithRoot(new AgentId(1)).With(new AgentId(2), new AgentId(1));
        Assert.Throws<InvalidOperationException>(() => tree.With(new AgentId(2), new AgentId(1)));
        Assert.Throws<InvalidOperationException>(() => tree.With(new AgentId(3), new AgentId(9)));
        Assert.Throws<InvalidOperationException>(() => tree.WithRoot(new AgentId(3)));
    }

    [Fact]
    public void A_deep_tree_answers_as_fast_as_a_flat_one()
    {
        var tree = SpawnTree.Empty.WithRoot(new AgentId(0));
        for (var i = 1; i < 20_000; i++) tree = tree.With(new AgentId((UInt128)i), new AgentId((UInt128)(i - 1)));
        for (var i = 0; i < 20_000; i++) Assert.True(tree.IsInSubtree(new AgentId((UInt128)i), new AgentId(19_999)));
    }
}
