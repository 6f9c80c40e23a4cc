using System.Globalization;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>How long a soak lasts and what draws its faults.</summary>
/// <param name="Load">How long clients write. <c>TAVERN_SOAK_SECONDS</c>, from 40; default 60.</param>
/// <param name="Seed">Draws who is killed and what is cut. <c>TAVERN_SOAK_SEED</c>; by default another each time. It repeats the draws; what nodes do meanwhile
/// is up to the machine.</param>
internal sealed record SoakPlan(TimeSpan Load, ulong Seed)
{
    private const int SecondsMin = 40;
    private const int SecondsDefault = 60;

    /// <summary>The end of the load, when nothing is broken any more: what is then acknowledged shows how fast events spread otherwise.</summary>
    public static TimeSpan Quiet { get; } = TimeSpan.FromSeconds(20);

    /// <summary>The beginning of the quiet time, which is not counted as quiet: peers that failed are left alone for up to 10 s.</summary>
    public static TimeSpan Settling { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long faults last.</summary>
    public TimeSpan Faults => Load - Quiet;

    public static SoakPlan FromEnvironment()
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("TAVERN_SOAK_SECONDS") ?? $"{SecondsDefault}", CultureInfo.InvariantCulture);
        Assert.True(seconds >= SecondsMin, $"TAVERN_SOAK_SECONDS is {seconds}; a soak needs {SecondsMin} or more, the last {Quiet.TotalSeconds} of them without faults.");
        var seed = Environment.GetEnvironmentVariable("TAVERN_SOAK_SEED") is { } given ? ulong.Parse(given, CultureInfo.InvariantCulture) : (ulong)Environment.TickCount64;
        return new SoakPlan(TimeSpan.FromSeconds(seconds), seed);
    }
}
