namespace Tavern.EventSourced.Histories;

/// <summary>Which family of recorded histories a file belongs to.</summary>
public enum HistoryFormat
{
    /// <summary>A JSON file of a group chat in which every speaker heard everything said before. Source: github.com/mingyin1/Agents_Failure_Attribution.</summary>
    WhoAndWhen,

    /// <summary>A log whose lines carry vector clocks. Source: github.com/DistributedClocks/shiviz.</summary>
    ShiViz,
}

/// <summary>Formats as people type them.</summary>
public static class HistoryFormats
{
    /// <summary>All words, in the order of the formats.</summary>
    public static IReadOnlyList<string> Words { get; } = ["who-and-when", "shiviz"];

    /// <summary>The word for a format.</summary>
    public static string WordOf(HistoryFormat format) => Words[(int)format];

    /// <summary>The format that a word names; false for any other word.</summary>
    public static bool TryParse(string word, out HistoryFormat format)
    {
        for (var i = 0; i < Words.Count; i++)
        {
            if (word != Words[i]) continue;
            format = (HistoryFormat)i;
            return true;
        }

        format = default;
        return false;
    }
}
