using System.Globalization;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Collects findings up to a limit and counts all of them. One owner.</summary>
/// <param name="max">How many are kept; the rest is counted.</param>
public sealed class Findings(int max)
{
    /// <summary>Findings kept by default: more than a person reads, and what a program needs to see the pattern.</summary>
    public const int DefaultMax = 1000;

    private readonly List<Finding> _kept = [];

    /// <summary>The first ones, in the order they were found.</summary>
    public IReadOnlyList<Finding> Kept => _kept;

    /// <summary>All that were found.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one about a table or a file as a whole, or about something in it.</summary>
    public void Add(string table, string place, string what, string advice) => Add(new Finding(table, place, null, what, advice));

    /// <summary>Adds one about events.</summary>
    public void Add(string table, string place, EventRange events, string what, string advice) => Add(new Finding(table, place, events, what, advice));

    /// <summary>Adds one.</summary>
    public void Add(Finding finding)
    {
        Count++;
        if (_kept.Count < max) _kept.Add(finding);
    }

    /// <summary>How a row is named by its number.</summary>
    public static string At(string what, long number) => string.Create(CultureInfo.InvariantCulture, $"{what} {number}");
}
