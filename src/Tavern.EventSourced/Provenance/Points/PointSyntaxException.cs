using System.Globalization;

namespace Tavern.EventSourced.Provenance;

/// <summary>A text does not name a point in history.</summary>
public sealed class PointSyntaxException(string text, int column, string expected)
    : FormatException(string.Create(CultureInfo.InvariantCulture, $"'{TerminalText.Plain(text)}' is not a point in history: at column {column} {expected}."))
{
    /// <summary>Where it goes wrong, from 1; one past the end when something is missing there.</summary>
    public int Column { get; } = column;

    /// <summary>What was expected there, and what was found.</summary>
    public string Expected { get; } = expected;
}
