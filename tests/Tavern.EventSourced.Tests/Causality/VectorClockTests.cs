using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Causality;

public class VectorClockTests
{
    private static readonly ChainId A = new(new AgentId(1), 1);
    private static readonly ChainId B = new(new AgentId(2), 1);

    public static TheoryData<long, long, long, long, CausalOrder> Pairs => new()
    {
        { 0, 0, 0, 0, CausalOrder.Equal },
        { 1, 2, 1, 2, CausalOrder.Equal },
        { 0, 0, 0, 1, CausalOrder.Before },
        { 1, 2, 1, 3, CausalOrder.Before },
        { 1, 2, 1, 0, CausalOrder.After },
        { 1, 2, 2, 1, CausalOrder.Concurrent },
        { 1, 0, 0, 1, CausalOrder.Concurrent },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Clocks_compare_entry_by_entry(long a1, long b1, long a2, long b2, CausalOrder expected) =>
        Assert.Equal(expected, Clock(a1, b1).Compare(Clock(a2, b2)));

    private static VectorClock Clock(long a, long b) => VectorClock.Of([new ClockEntry(A, a), new ClockEntry(B, b)]);
}
