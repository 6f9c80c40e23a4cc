using System.Numerics;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views;

public class CheckpointsTests
{
    [Fact]
    public void Few_are_kept_and_going_back_lands_near()
    {
        for (var newest = 1; newest < 300; newest++)
        {
            for (var back = 0; back <= newest; back++)
            {
                var checkpoints = UpTo(newest);
                Assert.InRange(checkpoints.Count, 1, (2 * (BitOperations.Log2((uint)newest) + 1)) + 2);
                var (position, state) = checkpoints.RewindTo(newest - back);
                Assert.Equal(position, state);
                Assert.InRange(newest - position, back, 3 * back);
                if (newest > 50) back += newest / 25;
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_rewinds_keep_the_bounds(ulong seed)
    {
        var random = new SplitMix64(seed);
        var (checkpoints, position) = (new Checkpoints<int>(0), 0);
        for (var i = 0; i < 300; i++)
        {
            var target = position + 1 + random.Below(100);
            while (position < target) checkpoints.Add(++position, position);
            Assert.True(checkpoints.Count <= (2 * (BitOperations.Log2((uint)position) + 1)) + 2, $"{checkpoints.Count} at {position}, seed {seed}.");
            var (before, copy) = (checkpoints.Count, checkpoints.UpTo(position / 2));
            Assert.True(copy.RewindTo(position).Position <= position / 2);
            Assert.Equal(before, checkpoints.Count);
            position = checkpoints.RewindTo(position - random.Below(Math.Min(position, 80))).Position;
        }
    }

    private static Checkpoints<int> UpTo(int newest)
    {
        var checkpoints = new Checkpoints<int>(0);
        for (var i = 1; i <= newest; i++) checkpoints.Add(i, i);
        return checkpoints;
    }
}
