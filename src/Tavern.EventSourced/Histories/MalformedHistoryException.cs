namespace Tavern.EventSourced.Histories;

/// <summary>A file is not the recorded history it was said to be. Nothing of it was taken.</summary>
/// <param name="file">The file's name.</param>
/// <param name="place">Where, e.g. <c>line 8</c> or <c>history[3]</c>; null for the whole file.</param>
/// <param name="what">What is wrong, as the rest of a sentence.</param>
/// <param name="next">What was expected, and what to do: one sentence.</param>
public sealed class MalformedHistoryException(string file, string? place, string what, string next)
    : Exception($"{file}{(place is null ? "" : ", " + place)}: {what} {next}")
{
    /// <summary>The file's name.</summary>
    public string File { get; } = file;

    /// <summary>Where; null for the whole file.</summary>
    public string? Place { get; } = place;
}
