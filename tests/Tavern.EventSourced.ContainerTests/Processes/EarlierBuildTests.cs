using System.Diagnostics;
using Tavern.EventSourced.Cli.Demo;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Nodes of this build and of the one before it, in one tavern.</summary>
public sealed class EarlierBuildTests : IDisposable
{
    private const int Events = 8; // per agent

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Two_builds_hear_everything_from_each_other_and_the_later_one_takes_over_folders()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        using var before = await EarlierBuild.RequireAsync(deadline.Token);
        var now = new TavernExecutable("dotnet", [typeof(TavernExecutable).Assembly.Location]);
        foreach (var (founder, guest) in new[] { (before.Executable, now), (now, before.Executable) })
            await TogetherAsync(founder, guest, now, deadline.Token);
    }

    private async Task TogetherAsync(TavernExecutable founder, TavernExecutable guest, TavernExecutable now, CancellationToken cancellationToken)
    {
        var name = ReferenceEquals(founder, now) ? "founded-now" : "founded-before";
        var (jakes, gandalfs, legolas) = (Path.Combine(_folder.Path, name, "jake"), Path.Combine(_folder.Path, name, "gandalf"), Path.Combine(_folder.Path, name, "legolas"));
        await RunAsync(founder, cancellationToken, "init", name, "--data", jakes, "--keys", KeysOf(jakes));
        var jake = await NodeProcess.StartAsync(founder, jakes, KeysOf(jakes), cancellationToken);
        try
        {
            await InviteAsync(founder, jakes, guest, gandalfs, cancellationToken);
            await InviteAsync(founder, jakes, founder, legolas, cancellationToken);
            await using var gandalf = await NodeProcess.StartAsync(guest, gandalfs, KeysOf(gandalfs), cancellationToken);
            await using var third = await NodeProcess.StartAsync(founder, legolas, KeysOf(legolas), cancellationToken);
            await Task.WhenAll(ReportAsync(founder, jakes, cancellationToken), ReportAsync(guest, gandalfs, cancellationToken), ReportAsync(founder, legolas, cancellationToken));
            await RunAsync(founder, cancellationToken, "wait", "--converged", "--timeout", "60", "--data", jakes);
            await RunAsync(guest, cancellationToken, "wait", "--converged", "--timeout", "60", "--data", gandalfs);

            // The folder of the founder's build, run by this one from now on.
            await jake.DisposeAsync();
            jake = await NodeProcess.StartAsync(now, jakes, KeysOf(jakes), cancellationToken);
            await ReportAsync(now, jakes, cancellationToken);
            await ReportAsync(guest, gandalfs, cancellationToken);
            await RunAsync(now, cancellationToken, "wait", "--converged", "--timeout", "60", "--data", jakes);
            await RunAsync(guest, cancellationToken, "wait", "--converged", "--timeout", "60", "--data", gandalfs);
            await RunAsync(now, cancellationToken, "replay", "--data", jakes);
        }
        finally
        {
            await jake.DisposeAsync();
        }
    }

    private static string KeysOf(string data) => data + "-keys";

    private async Task InviteAsync(TavernExecutable inviter, string data, TavernExecutable invited, string guest, CancellationToken cancellationToken)
    {
        var (name, invitation) = (Path.GetFileName(guest), guest + ".invitation");
        await RunAsync(inviter, cancellationToken, "spawn", name, "--invite", invitation, "--data", data);
        await RunAsync(invited, cancellationToken, "join", invitation, "--data", guest, "--keys", KeysOf(guest));
    }

    private async Task ReportAsync(TavernExecutable tavern, string data, CancellationToken cancellationToken)
    {
        for (var i = 1; i <= Events; i++) await RunAsync(tavern, cancellationToken, "report", "working", $"part {i} of {Events}", "--data", data);
    }

    private async Task RunAsync(TavernExecutable tavern, CancellationToken cancellationToken, params string[] words)
    {
        var start = tavern.StartInfo(words);
        foreach (var folder in (string[])["XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]) start.Environment[folder] = Path.Combine(_folder.Path, "xdg");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"tavern {string.Join(' ', words)} ended with {process.ExitCode}\n{await output}{await error}");
    }
}
