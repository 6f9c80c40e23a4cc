using System.Diagnostics;
using System.Globalization;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>Runs the floor and ours in turns, so that a machine that slows down slows both, and prints medians and their ratio.</summary>
internal static class Comparison
{
    private const int Rounds = 7;

    /// <summary>Each side does its work once and returns how many events that was.</summary>
    public static Task RunAsync(string what, Func<Task<int>> floor, Func<Task<int>> ours) => RunAsync(what, ("floor", floor), ("ours", ours));

    /// <summary>The same of any two; the ratio is the second's rate by the first's.</summary>
    public static async Task RunAsync(string what, (string Name, Func<Task<int>> Work) first, (string Name, Func<Task<int>> Work) second)
    {
        await first.Work(); // warm up
        await second.Work();
        var (firsts, seconds, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            firsts.Add(await RateAsync(first.Work));
            seconds.Add(await RateAsync(second.Work));
            ratios.Add(seconds[^1] / firsts[^1]);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-58} {second.Name} {Median(seconds),9:N0}/s   {first.Name} {Median(firsts),9:N0}/s   ratio {Median(ratios):0.00} ({ratios.Min():0.00} to {ratios.Max():0.00})"));
    }

    private static async Task<double> RateAsync(Func<Task<int>> work)
    {
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        var events = await work();
        return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
