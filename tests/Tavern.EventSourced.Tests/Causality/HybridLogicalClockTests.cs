using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Causality;

public class HybridLogicalClockTests
{
    private static readonly DateTimeOffset Wall = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000);

    [Fact]
    public void Times_never_run_backwards_whatever_the_wall_clock_and_others_say()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var (random, clock, latest) = (new SplitMix64(seed), new HybridLogicalClock(), default(HybridTime));
            for (var step = 0; step < 100; step++)
            {
                var wall = Wall.AddMilliseconds(random.Below(240_000) - 120_000); // two minutes forth and back
                if (random.Below(3) == 0)
                {
                    var remote = new HybridTime(wall.ToUnixTimeMilliseconds() + random.Below(180_000) - 60_000, random.Below(5));
                    if (clock.Merge(remote, wall) && remote.CompareTo(latest) > 0) latest = remote;
                }
                else
                {
                    var next = clock.Next(wall);
                    Assert.True(next.CompareTo(latest) > 0, $"seed {seed}: {next} after {latest}");
                    latest = next;
                }
            }
        }
    }

    [Fact]
    public void A_later_wall_clock_is_taken_as_it_is_and_an_equal_one_is_counted()
    {
        var clock = new HybridLogicalClock();
        var now = Wall.ToUnixTimeMilliseconds();
        Assert.Equal(new HybridTime(now, 0), clock.Next(Wall));
        Assert.Equal(new HybridTime(now, 1), clock.Next(Wall));
        Assert.Equal(new HybridTime(now, 2), clock.Next(Wall.AddHours(-1)));
        Assert.Equal(new HybridTime(now + 1, 0), clock.Next(Wall.AddMilliseconds(1)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(60_000, true)]
    [InlineData(60_001, false)]
    [InlineData(long.MaxValue / 2, false)]
    public void A_time_more_than_a_minute_ahead_is_not_merged(long ahead, bool merged)
    {
        var clock = new HybridLogicalClock();
        clock.Next(Wall);
        var remote = new HybridTime(Wall.ToUnixTimeMilliseconds() + ahead, 7);
        Assert.Equal(merged, clock.Merge(remote, Wall));
        var next = clock.Next(Wall);
        Assert.Equal(merged ? remote with { Counter = 8 } : new HybridTime(Wall.ToUnixTimeMilliseconds(), 1), next);
    }

    [Fact]
    public void A_counter_at_its_end_goes_on_in_the_next_millisecond()
    {
        var clock = new HybridLogicalClock();
        var now = Wall.ToUnixTimeMilliseconds();
        Assert.True(clock.Merge(new HybridTime(now + 10, int.MaxValue), Wall));
        Assert.Equal(new HybridTime(now + 11, 0), clock.Next(Wall));
    }
}
