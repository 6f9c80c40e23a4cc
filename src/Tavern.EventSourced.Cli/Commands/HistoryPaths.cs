using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Reads recorded histories from disk, all of them before anything is written: a bad one changes nothing, and the person learns
/// its path as typed.</summary>
internal sealed class HistoryPaths(CliEnvironment environment, ProgressLine progress)
{
    /// <summary>The files.</summary>
    /// <param name="format">What they are.</param>
    /// <param name="request">How they are to be read.</param>
    /// <param name="paths">Where they are, as typed.</param>
    /// <exception cref="CliException">One is missing, is a folder, or is not such a history; or they are too large.</exception>
    public IReadOnlyList<HistoryFile> Read(HistoryFormat format, ImportHistories request, IReadOnlyList<string> paths)
    {
        if (request.Pattern is not null && format is not HistoryFormat.ShiViz)
            throw new CliException(ExitCode.Usage, $"A pattern was given, but a {request.Format} file is JSON.", "--pattern with --format shiviz only");
        var (files, bytes) = (new List<HistoryFile>(paths.Count), 0L);
        foreach (var path in paths)
        {
            progress.Set(ProgressText.Bar(files.Count, paths.Count, path));
            var content = ContentOf(environment.FullPath(path));
            if ((bytes += content.Length) > HistoryLimits.FileBytesMax)
                throw new CliException(
                    ExitCode.Usage, $"The files up to {path} have {bytes} bytes together.", $"at most {HistoryLimits.FileBytesMax} bytes in one command", "import them in several commands");
            Check(new HistorySource(format, path, content) { Pattern = request.Pattern, AllowUnmatched = request.AllowUnmatched });
            files.Add(new HistoryFile(Path.GetFileName(path), content));
        }

        return files;
    }

    private void Check(HistorySource source)
    {
        try
        {
            source.Read();
        }
        catch (MalformedHistoryException e)
        {
            progress.Clear();
            throw new CliException(ExitCode.Usage, e.Message, next: "nothing was imported; repeat the command when that is done");
        }
    }

    private static byte[] ContentOf(string path)
    {
        if (Directory.Exists(path)) throw new CliException(ExitCode.Usage, $"{path} is a folder.", "one or more files", $"name its files, as in {ShellWord.Of(path)}/*");
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > HistoryLimits.FileBytesMax } large
                ? throw new CliException(ExitCode.Usage, $"{path} has {large.Length} bytes.", $"at most {HistoryLimits.FileBytesMax}", "split it and import the parts")
                : File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, $"There is no file {path}.", "a file that can be read");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.NotFound, $"{path} cannot be read: {e.Message}", "a file that can be read");
        }
    }
}
