using System.Globalization;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>The last steps of a run in plain words, for whoever has to find out why it failed. Bounded: older steps are forgotten.</summary>
internal sealed class Trace
{
    private const int StepsMax = 400; // some seconds of a small tavern, and as much as a person reads

    private readonly (TimeSpan At, string Format, object? A, object? B, object? C)[] _steps = new (TimeSpan, string, object?, object?, object?)[StepsMax];
    private long _count;

    /// <summary>Takes note of a step. Words are made only when somebody reads them.</summary>
    /// <param name="at">When.</param>
    /// <param name="format">A composite format with at most three places.</param>
    /// <param name="a">For place 0.</param>
    /// <param name="b">For place 1.</param>
    /// <param name="c">For place 2.</param>
    public void Add(TimeSpan at, string format, object? a = null, object? b = null, object? c = null) => _steps[_count++ % StepsMax] = (at, format, a, b, c);

    /// <summary>The steps, oldest first.</summary>
    public IReadOnlyList<string> Lines()
    {
        var lines = new List<string>();
        for (var i = Math.Max(0, _count - StepsMax); i < _count; i++)
        {
            var (at, format, a, b, c) = _steps[i % StepsMax];
            lines.Add(at.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture) + " s  " + string.Format(CultureInfo.InvariantCulture, format, a, b, c));
        }

        return lines;
    }
}
