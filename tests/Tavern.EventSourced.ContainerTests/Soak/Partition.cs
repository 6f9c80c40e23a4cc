using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>Which packets do not arrive, and for how long.</summary>
/// <param name="Kind"><c>halves</c>, <c>alone</c> (one node from all others) or <c>one way</c> (some are heard by nobody else, and hear all).</param>
/// <param name="Links">Sender and receiver.</param>
/// <param name="Length">1 to 4 s.</param>
internal sealed record Partition(string Kind, IReadOnlyList<(int From, int To)> Links, TimeSpan Length)
{
    private const int LengthMinMs = 1000;
    private const int LengthMaxMs = 4000; // below the 5 s in which a node that starts must hear from somebody

    public static Partition Draw(SplitMix64 random, int nodes)
    {
        var order = Enumerable.Range(0, nodes).ToArray();
        random.Shuffle<int>(order);
        var kind = random.Below(3) switch { 0 => "halves", 1 => "alone", _ => "one way" };
        var side = order[..(kind == "alone" ? 1 : 1 + random.Below(nodes - 1))];
        var links = side.SelectMany(here => order.Except(side).SelectMany(there => kind == "one way" ? [(here, there)] : ((int, int)[])[(here, there), (there, here)]));
        return new Partition(kind, [.. links], TimeSpan.FromMilliseconds(LengthMinMs + random.Below(LengthMaxMs - LengthMinMs)));
    }
}
