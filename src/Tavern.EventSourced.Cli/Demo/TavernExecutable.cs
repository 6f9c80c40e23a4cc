using System.Diagnostics;
using Tavern.EventSourced.Cli.Commands;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>How the command that runs now can be run again, by a process and by a person.</summary>
/// <param name="File">The program.</param>
/// <param name="Before">Words that come before the command's own: the assembly, when dotnet hosts it.</param>
internal sealed record TavernExecutable(string File, IReadOnlyList<string> Before)
{
    /// <summary>The one that runs now.</summary>
    public static TavernExecutable Current()
    {
        var process = Environment.ProcessPath ?? throw new CliException(ExitCode.Fault, "This process does not know its own path.");
        return Path.GetFileNameWithoutExtension(process) is "dotnet"
            ? new TavernExecutable(process, [typeof(TavernExecutable).Assembly.Location])
            : new TavernExecutable(process, []);
    }

    /// <summary>A command line that works from any folder when pasted into a POSIX shell.</summary>
    public string CommandLine(params ReadOnlySpan<string> words)
    {
        var parts = new List<string> { ShellWord.Of(File) };
        foreach (var word in Before) parts.Add(ShellWord.Of(word));
        foreach (var word in words) parts.Add(ShellWord.Of(word));
        return string.Join(' ', parts);
    }

    /// <summary>How to start it with all three streams in the hands of this process, and without this process's <c>TAVERN_*</c>.</summary>
    public ProcessStartInfo StartInfo(params ReadOnlySpan<string> words)
    {
        var start = new ProcessStartInfo(File)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var word in Before) start.ArgumentList.Add(word);
        foreach (var word in words) start.ArgumentList.Add(word);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TAVERN_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        return start;
    }
}
