using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>From which set of events an answer was read.</summary>
internal static class ReadingText
{
    private const int PointCharsMax = 100; // about one line of a terminal; -o json has it whole

    /// <summary>One line.</summary>
    public static string Of(Reading reading)
    {
        var point = reading.Point.Length <= PointCharsMax ? reading.Point : reading.Point[..PointCharsMax] + "...";
        return $"as {reading.Observer.Name} sees it, {reading.Events} events{(reading.Approximate ? ", approximately" : "")}: {point}";
    }
}
