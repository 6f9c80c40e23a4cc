using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tavern.EventSourced.Cli.Demo;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Support;

/// <summary>The <c>tavern</c> command as it was one commit ago, built from this checkout's history into a folder of its own. Version 0 of the protocol
/// was never frozen: where that commit still spoke it, the commit checked out takes its place.</summary>
internal sealed partial class EarlierBuild : IDisposable
{
    private const string CommitBefore = "HEAD~1";
    private const string CheckedOut = "HEAD";
    private const int NeverFrozen = 0; // the only protocol version that may be dropped
    private const string VersionFile = "src/Tavern.EventSourced/Gossip/GossipMessage.cs"; // says which protocol versions that commit speaks

    private readonly TemporaryFolder _folder;

    private EarlierBuild(TemporaryFolder folder, TavernExecutable executable) => (_folder, Executable) = (folder, executable);

    /// <summary>How it is run.</summary>
    public TavernExecutable Executable { get; }

    /// <summary>Builds it. Skips the test where there is no history, or where that commit spoke a protocol that this one has dropped; with TAVERN_REQUIRE=all
    /// either fails it.</summary>
    public static async Task<EarlierBuild> RequireAsync(CancellationToken cancellationToken)
    {
        RequiredTool.Require("git");
        var (found, version, why) = await RunAsync("git", ["-C", RepositoryRoot.Path, "show", $"{CommitBefore}:{VersionFile}"], cancellationToken);
        RequiredTool.Require(found, $"the commit before this one is not here: {why.Trim()}");
        var spoken = int.Parse(VersionMax().Match(version).Groups[1].Value, CultureInfo.InvariantCulture);
        RequiredTool.Require(spoken is NeverFrozen or >= GossipEnvelope.VersionMin, $"the commit before this one speaks protocol version {spoken}, this one {GossipEnvelope.VersionMin} and later");
        var commit = spoken == NeverFrozen ? CheckedOut : CommitBefore;

        var folder = new TemporaryFolder();
        var (source, built) = (System.IO.Path.Combine(folder.Path, "source"), System.IO.Path.Combine(folder.Path, "built"));
        await ExtractAsync(commit, folder, source, cancellationToken);
        await MustRunAsync(
            "dotnet",
            ["publish", System.IO.Path.Combine(source, "src", "Tavern.EventSourced.Cli"), "-o", built, "-v", "quiet", "-nologo", "-p:RunAnalyzers=false", "--disable-build-servers"],
            cancellationToken);
        return new EarlierBuild(folder, new TavernExecutable("dotnet", [System.IO.Path.Combine(built, System.IO.Path.GetFileName(typeof(TavernExecutable).Assembly.Location))]));
    }

    /// <summary>The sources of the commit before this one, if it holds a certain file, else of the commit checked out. Skips the test where there is no history.</summary>
    public static async Task<TemporaryFolder> RequireSourceAsync(string holds)
    {
        RequiredTool.Require("git");
        var (found, _, why) = await RunAsync("git", ["-C", RepositoryRoot.Path, "rev-parse", "--verify", "--quiet", CommitBefore], CancellationToken.None);
        RequiredTool.Require(found, $"the commit before this one is not here: {why.Trim()}");
        var (has, _, _) = await RunAsync("git", ["-C", RepositoryRoot.Path, "cat-file", "-e", $"{CommitBefore}:{holds}"], CancellationToken.None);
        var folder = new TemporaryFolder();
        await ExtractAsync(has ? CommitBefore : CheckedOut, folder, folder.Path, CancellationToken.None);
        return folder;
    }

    public void Dispose() => _folder.Dispose();

    private static async Task ExtractAsync(string commit, TemporaryFolder folder, string to, CancellationToken cancellationToken)
    {
        var archive = System.IO.Path.Combine(folder.Path, "source.tar");
        Directory.CreateDirectory(to);
        await MustRunAsync("git", ["-C", RepositoryRoot.Path, "archive", "-o", archive, commit], cancellationToken);
        await MustRunAsync("tar", ["-C", to, "-xf", archive], cancellationToken);
    }

    private static async Task MustRunAsync(string program, string[] words, CancellationToken cancellationToken)
    {
        var (succeeded, output, error) = await RunAsync(program, words, cancellationToken);
        Assert.True(succeeded, $"{program} {string.Join(' ', words)}\n{output}{error}");
    }

    private static async Task<(bool Succeeded, string Output, string Error)> RunAsync(string program, string[] words, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode == 0, await output, await error);
    }

    [GeneratedRegex(@"const int VersionMax = (\d+);")]
    private static partial Regex VersionMax();
}
