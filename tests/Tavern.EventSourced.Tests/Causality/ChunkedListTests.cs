using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Causality;

public class ChunkedListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_list_holds(ulong seed)
    {
        var random = new SplitMix64(seed);
        var (list, oracle) = (new ChunkedList<int>(), new List<int>());
        while (oracle.Count < 2000)
        {
            switch (random.Below(3))
            {
                case 0 when oracle.Count > 0:
                    var (index, value) = (random.Below(oracle.Count), random.Below(int.MaxValue));
                    (list[index], oracle[index]) = (value, value);
                    break;
                case 1 when random.Below(20) == 0: // several at once, across chunks
                    var count = oracle.Count + random.Below(600);
                    list.Grow(count);
                    while (oracle.Count < count) oracle.Add(list[oracle.Count] = random.Below(int.MaxValue));
                    break;
                default:
                    list.Add(oracle.Count);
                    oracle.Add(oracle.Count);
                    break;
            }

            Assert.True(list.Count == oracle.Count, $"seed {seed}: {list.Count} items, not {oracle.Count}");
        }

        for (var i = 0; i < oracle.Count; i++) Assert.True(list[i] == oracle[i], $"seed {seed}: item {i} is {list[i]}, not {oracle[i]}");
    }
}
