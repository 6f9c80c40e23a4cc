namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>What memory did over a soak; in MiB, resident.</summary>
/// <param name="Start">Of the node that was never killed: the median of the first tenth.</param>
/// <param name="Middle">The median of the tenth in the middle.</param>
/// <param name="End">The median of the last tenth.</param>
/// <param name="PerThousand">From the middle to the end, for each thousand events that were acknowledged meanwhile.</param>
/// <param name="EndMin">The least of all nodes at the end.</param>
/// <param name="EndMax">The most of all nodes at the end.</param>
internal sealed record SoakMemory(double Start, double Middle, double End, double PerThousand, double EndMin, double EndMax)
{
    public static SoakMemory Of(IReadOnlyList<MemorySample> samples, int survivor)
    {
        var own = samples.Where(sample => sample.Node == survivor).ToArray();
        var tenth = Math.Max(1, own.Length / 10);
        var (start, middle, end) = (Median(own[..tenth]), Median(own.AsSpan((own.Length - tenth) / 2, tenth).ToArray()), Median(own[^tenth..]));
        var last = samples.GroupBy(sample => sample.Node).Select(node => node.Last().Mebibytes).ToArray();
        return new SoakMemory(start.Mebibytes, middle.Mebibytes, end.Mebibytes, 1000 * (end.Mebibytes - middle.Mebibytes) / Math.Max(1, end.Events - middle.Events), last.Min(), last.Max());
    }

    private static MemorySample Median(MemorySample[] samples) => samples.OrderBy(sample => sample.Mebibytes).ElementAt(samples.Length / 2);
}
