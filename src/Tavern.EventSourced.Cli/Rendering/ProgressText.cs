namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>How far long work is, as one line.</summary>
internal static class ProgressText
{
    private const int BarChars = 24; // with the count and a file's name it fits a narrow terminal

    /// <summary>E.g. <c>[######··················] 31 of 126  17.json</c>.</summary>
    public static string Bar(int done, int total, string what)
    {
        var full = total == 0 ? BarChars : BarChars * done / total;
        return $"[{new string('#', full)}{new string('·', BarChars - full)}] {done} of {total}  {what}";
    }
}
