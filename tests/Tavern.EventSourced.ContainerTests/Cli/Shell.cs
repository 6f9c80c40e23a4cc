using System.Diagnostics;

namespace Tavern.EventSourced.ContainerTests.Cli;

/// <summary>Runs lines in bash, with the built <c>tavern</c> first on the path and with folders of their own.</summary>
internal sealed class Shell : IDisposable
{
    /// <summary>Longest wait for any one line: far above what a loaded machine needs.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly string _home = Directory.CreateTempSubdirectory("tavern-shell-").FullName;

    public Shell() => Folder = Directory.CreateDirectory(Path.Combine(_home, "work")).FullName;

    /// <summary>Where lines run.</summary>
    public string Folder { get; }

    /// <summary>The built command.</summary>
    public static string Tavern { get; } = Path.Combine(AppContext.BaseDirectory, "tavern");

    /// <summary>Starts a line.</summary>
    public Process Start(string line) => Start("bash", "-c", line);

    /// <summary>Starts the command itself, without a shell around it.</summary>
    public Process StartTavern(params string[] words) => Start([Tavern, .. words]);

    /// <summary>Runs a line to its end.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(string line, TimeSpan? deadline = null)
    {
        var enough = deadline ?? Deadline;
        using var process = Start(line);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(enough);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{line}' did not end within {enough.TotalSeconds} s.\n{await output}\n{await error}");
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>Reads a process's output up to a line that holds a text.</summary>
    public static async Task<string> ReadUntilAsync(Process process, string text)
    {
        var read = new List<string>();
        using var deadline = new CancellationTokenSource(Deadline);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            read.Add(line);
            if (line.Contains(text, StringComparison.Ordinal)) return string.Join('\n', read);
        }

        Assert.Fail($"'{text}' never came:\n{string.Join('\n', read)}\n{await process.StandardError.ReadToEndAsync()}");
        return "";
    }

    /// <summary>Waits until a process has ended, as long as for any line.</summary>
    public static async Task UntilEndedAsync(Process process)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"Process {process.Id} did not end within {Deadline.TotalSeconds} s.");
        }
    }

    /// <summary>Sends a signal by its name.</summary>
    public Task SignalAsync(Process process, string signal) => RunAsync($"kill -{signal} {process.Id}");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private Process Start(params string[] words)
    {
        // Tests that were themselves started in the background ignore some signals, and what they start would too.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,HUP,QUIT", .. words])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TAVERN_", StringComparison.Ordinal) || name.StartsWith("XDG_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["HOME"] = _home;
        start.Environment["PATH"] = AppContext.BaseDirectory + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        return Process.Start(start)!;
    }
}
