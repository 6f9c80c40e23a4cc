using System.Collections.Immutable;
using Tavern.EventSourced.Histories;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Reads the files of a request to import.</summary>
internal static class HistoryFiles
{
    private const int NameCharsMax = 255; // as file systems have it

    /// <summary>All of them.</summary>
    /// <exception cref="RefusedException">The request is not valid.</exception>
    /// <exception cref="MalformedHistoryException">A file is not what it was said to be.</exception>
    public static ImmutableArray<RecordedHistory> Read(ImportHistories request)
    {
        if (!HistoryFormats.TryParse(request.Format, out var format))
            throw RefusedException.Invalid($"'{request.Format}' is not a format of recorded histories; expected {string.Join(" or ", HistoryFormats.Words)}.");
        if (request.Files.Count == 0) throw RefusedException.Invalid("No file is given; expected at least one.");
        if (request.Files.Count > HistoryLimits.FilesMax)
            throw RefusedException.Invalid($"There are {request.Files.Count} files; the limit is {HistoryLimits.FilesMax}. Import them in several requests.");
        if (request.Pattern is not null && format is not HistoryFormat.ShiViz)
            throw RefusedException.Invalid($"A pattern was given, but a {request.Format} file is JSON. Leave it out, or name the format shiviz.");
        if (request.Files.Sum(file => (long)file.Content.Length) is > HistoryLimits.FileBytesMax and var bytes)
            throw RefusedException.Invalid($"The files have {bytes} bytes together; the limit is {HistoryLimits.FileBytesMax}. Import them in several requests.");
        return [.. request.Files.Select(file => SourceOf(request, format, file).Read())];
    }

    private static HistorySource SourceOf(ImportHistories request, HistoryFormat format, HistoryFile file) =>
        file.Name.Length is > 0 and <= NameCharsMax && !file.Name.AsSpan().ContainsAny('/', '\\')
            ? new HistorySource(format, file.Name, file.Content) { Pattern = request.Pattern, AllowUnmatched = request.AllowUnmatched }
            : throw RefusedException.Invalid($"'{file.Name}' is not a file's name; expected 1 to {NameCharsMax} characters without a folder.");
}
