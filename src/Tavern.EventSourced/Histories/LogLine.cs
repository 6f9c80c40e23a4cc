namespace Tavern.EventSourced.Histories;

/// <summary>A record of a log before its place among the others is known.</summary>
/// <param name="Number">The line on which it begins, from 1.</param>
/// <param name="Host">Whose.</param>
/// <param name="Clock">What its host knew, itself included.</param>
/// <param name="Text">What happened.</param>
/// <param name="Date">The date as written; null for none.</param>
internal sealed record LogLine(int Number, int Host, LogClock Clock, string Text, string? Date)
{
    /// <summary>Its number in its host's own count: <c>host:3</c> here is <c>host:3</c> in the clocks.</summary>
    public RecordedId Id => new(Host, Clock[Host]);

    /// <summary>Where it is, for people.</summary>
    public string Place => $"line {Number}";
}
