using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>A data folder that was copied while its node ran: the copy names that node, but it is not the node's folder.</summary>
public sealed class CopiedFolderTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Fact]
    public async Task Commands_on_a_copy_read_the_copy_and_never_write_into_the_original()
    {
        var before = await tavern.WriteAsync("report", "working", "before the copy", "--as", "jake");
        var copy = Path.Combine(tavern.Sandbox.Folder, "copy");
        Directory.CreateDirectory(Path.Combine(copy, "tokens"));
        foreach (var file in Directory.EnumerateFiles(tavern.Jake, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("owner.lock", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(tavern.Jake, file)));
        await File.WriteAllBytesAsync(Path.Combine(copy, "owner.lock"), []); // a locked file cannot be read here, but cp copies it
        Assert.NotNull(NodeFile.Find(copy));
        var after = await tavern.WriteAsync("report", "working", "after the copy", "--as", "jake");
        var heard = (await tavern.JakeAsync("log", "--as", "jake")).Expect(ExitCode.Ok).Output;
        Assert.Contains("after the copy", heard, StringComparison.Ordinal);

        var refused = (await RunAsync("report", "working", "into the copy", "--as", "jake")).Expect(ExitCode.Unreachable);
        Assert.Contains("No node is running", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("into the copy", (await tavern.JakeAsync("log", "--as", "jake")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        var read = (await RunAsync("log", "--as", "jake")).Expect(ExitCode.Ok).Output;
        Assert.Contains("before the copy", read, StringComparison.Ordinal);
        Assert.DoesNotContain("after the copy", read, StringComparison.Ordinal);
        Assert.NotEqual(before, after);
        Assert.Contains("does not hold this folder", (await RunAsync("doctor", "--keys", tavern.Keys(0))).Output, StringComparison.Ordinal);
    }

    private Task<CliResult> RunAsync(params string[] args) => tavern.Sandbox.RunAsync([.. args, "--data", "copy"]);
}
