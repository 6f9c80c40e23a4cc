namespace Tavern.EventSourced.Histories;

/// <summary>A file that holds a recorded history, and how to read it.</summary>
/// <param name="Format">Its format.</param>
/// <param name="File">Its name, without a folder; for people.</param>
/// <param name="Content">Its bytes, as they are.</param>
public sealed record HistorySource(HistoryFormat Format, string File, ReadOnlyMemory<byte> Content)
{
    /// <summary>Only for logs: a .NET regular expression over the whole text, in which <c>^</c> and <c>$</c> match at every line, with the
    /// groups <c>host</c>, <c>clock</c>, <c>event</c> and, if it likes, <c>date</c>. Null (the default): records of one line,
    /// <c>HOST {CLOCK} TEXT</c>, or of two, <c>HOST {CLOCK}</c> and the text below.</summary>
    public string? Pattern { get; init; }

    /// <summary>Leave out lines that fit no record instead of refusing the file. False by default.</summary>
    public bool AllowUnmatched { get; init; }

    /// <summary>Reads the whole file, or refuses it.</summary>
    /// <exception cref="MalformedHistoryException">It is not what it was said to be, or over a limit.</exception>
    public RecordedHistory Read()
    {
        if (Content.Length > HistoryLimits.FileBytesMax)
            throw new MalformedHistoryException(
                File, null, $"the file has {Content.Length} bytes; the limit is {HistoryLimits.FileBytesMax}.", "Split it and import the parts.");
        return Format is HistoryFormat.WhoAndWhen ? new WhoAndWhenReader(this).Read() : new ShiVizReader(this).Read();
    }
}
