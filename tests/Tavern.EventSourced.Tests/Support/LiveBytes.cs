namespace Tavern.EventSourced.Tests.Support;

/// <summary>Measures what stays alive. Only in tests of <see cref="LiveBytesCollection"/>, or what others allocate is counted too.</summary>
internal static class LiveBytes
{
    private const int Tries = 3; // the first also sees what code that runs for the first time leaves behind, and what earlier tests left going away

    /// <summary>Bytes that what is built keeps alive: the median of three times.</summary>
    public static long Of(Func<object> build) => Enumerable.Range(0, Tries).Select(_ => Once(build)).Order().ElementAt(Tries / 2);

    private static long Once(Func<object> build)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var built = build();
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(built);
        return after - before;
    }
}

/// <summary>Tests that look at the memory of the whole process, and so run alone.</summary>
[CollectionDefinition(nameof(LiveBytesCollection), DisableParallelization = true)]
public sealed class LiveBytesCollection;
