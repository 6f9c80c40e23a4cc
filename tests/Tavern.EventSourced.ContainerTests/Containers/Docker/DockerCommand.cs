using System.Diagnostics;

namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>What a program said and how it ended.</summary>
/// <param name="ExitCode">0 when it did what it was told.</param>
/// <param name="Stdout">Its standard output.</param>
/// <param name="Stderr">Its standard error.</param>
internal sealed record ExecResult(long ExitCode, string Stdout, string Stderr);

/// <summary>The <c>docker</c> command line, against one engine.</summary>
/// <param name="host">The engine's address, e.g. <c>unix:///run/docker.sock</c>; null: the one that the command finds by itself.</param>
internal sealed class DockerCommand(string? host)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5); // a build on a busy machine; everything else takes seconds

    /// <summary>Runs it to its end.</summary>
    public Task<ExecResult> TryAsync(params IEnumerable<string> words) => RunToEndAsync(StartInfo("docker", words));

    /// <summary>The same; fails the test when it fails. Returns its output without the last line break.</summary>
    public async Task<string> RunAsync(params IEnumerable<string> words) => Succeeded(await TryAsync(words), string.Join(' ', words));

    /// <summary>Runs a script of the repository against the engine.</summary>
    public Task ScriptAsync(string file, params string[] words) => ProgramAsync(file, words);

    /// <summary>Runs another program against the engine, with such variables. Fails the test when it fails; returns its output without the last line break.</summary>
    public async Task<string> ProgramAsync(string program, IReadOnlyList<string> words, params IReadOnlyList<(string Name, string Value)> environment)
    {
        var start = StartInfo(program, words);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Succeeded(await RunToEndAsync(start), $"{program} {string.Join(' ', words)}");
    }

    /// <summary>Starts it, its standard streams in the caller's hands.</summary>
    public Process Start(params IEnumerable<string> words) => Process.Start(StartInfo("docker", words))!;

    /// <summary>How any program is started that shall talk to this engine.</summary>
    public ProcessStartInfo StartInfo(string program, IEnumerable<string> words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (host is not null) start.Environment["DOCKER_HOST"] = host;
        start.Environment["DOCKER_BUILDKIT"] = "0"; // the builder that every engine has
        return start;
    }

    private static string Succeeded(ExecResult result, string what)
    {
        Assert.True(result.ExitCode == 0, $"{what} ended with {result.ExitCode}\n{result.Stdout}{result.Stderr}");
        return result.Stdout.TrimEnd('\n');
    }

    private static async Task<ExecResult> RunToEndAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Longest);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end within {Longest}.");
        }

        return new ExecResult(process.ExitCode, await output, await error);
    }
}
