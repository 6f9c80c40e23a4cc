using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class BackupCommandTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Fact]
    public async Task A_folder_is_backed_up_beside_its_node_checked_and_restored()
    {
        var json = (await tavern.GandalfAsync("backup", "one.tavern-backup", "--keys", tavern.Keys(1), "--json")).Expect(ExitCode.Ok).Json;
        Assert.Equal(
            ["schema", "file", "checksum", "bytes", "tavernName", "tavern", "hosted", "madeAt", "store", "events", "chains", "keys", "seconds"],
            json.EnumerateObject().Select(property => property.Name));
        var file = json.GetProperty("file").GetString()!;
        var checkedJson = (await tavern.Sandbox.RunAsync("backup", "--check", file, "--json")).Expect(ExitCode.Ok).Json;
        Assert.Equal(json.GetProperty("checksum").GetString(), checkedJson.GetProperty("checksum").GetString());
        Assert.StartsWith("Sound: ", (await tavern.Sandbox.RunAsync("backup", "--check", file)).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Contains("is not overwritten", (await tavern.GandalfAsync("backup", file)).Expect(ExitCode.Conflict).Error, StringComparison.Ordinal);

        var restored = (await tavern.Sandbox.RunAsync("restore", file, "--data", "back", "--keys", tavern.Keys(1))).Expect(ExitCode.Ok);
        Assert.Contains("is restored as of", restored.Output, StringComparison.Ordinal);
        Assert.Contains("begins a new epoch", restored.Error, StringComparison.Ordinal);
        Assert.StartsWith("Sound: ", (await tavern.Sandbox.RunAsync("fsck", "--data", "back", "--keys", tavern.Keys(1))).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Contains("holds a tavern already", (await tavern.Sandbox.RunAsync("restore", file, "--data", "back")).Expect(ExitCode.Conflict).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_with_its_own_exit_code()
    {
        var cli = tavern.Sandbox;
        (await cli.RunAsync("backup", "x", "--check", "--with-keys")).Expect(ExitCode.Usage);
        Assert.Contains("tavern backup FILE", (await cli.RunAsync("backup", "--check", "missing.tavern-backup")).Expect(ExitCode.NotFound).Error, StringComparison.Ordinal);
        Assert.Contains("is a folder", (await cli.RunAsync("restore", ".", "--data", "new")).Expect(ExitCode.NotFound).Error, StringComparison.Ordinal);
        Assert.Contains("mkdir", (await tavern.JakeAsync("backup", Path.Combine(cli.Folder, "missing", "x.bak"))).Expect(ExitCode.NotFound).Error, StringComparison.Ordinal);
        (await cli.RunAsync("backup", "x", "--data", "nowhere")).Expect(ExitCode.NotFound);
        Assert.Contains("--data DIR", (await cli.RunAsync("restore", "missing")).Expect(ExitCode.Usage).Error, StringComparison.Ordinal);
        Assert.Contains("is not there", (await cli.RunAsync("restore", "missing", "--data", "new")).Expect(ExitCode.NotFound).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "bad"), "tavern backup\n\u0001\0\0\0 but no more");
        (await cli.RunAsync("backup", "--check", "bad")).Expect(ExitCode.VerificationFailed);
        (await cli.RunAsync("restore", "bad", "--data", "new")).Expect(ExitCode.VerificationFailed);
        Assert.False(Directory.Exists(Path.Combine(cli.Folder, "new")));
    }

    [Theory]
    [InlineData("new/deeper")]
    [InlineData("there")]
    public async Task A_restore_that_fails_takes_away_the_folders_it_made_and_no_others(string data)
    {
        var (cli, file) = (tavern.Sandbox, $"{Guid.NewGuid():N}.tavern-backup");
        (await tavern.JakeAsync("backup", file)).Expect(ExitCode.Ok);
        Directory.CreateDirectory(Path.Combine(cli.Folder, "there"));
        (await cli.RunAsync("restore", file, "--data", data, "--store", "Host=127.0.0.1;Port=1;Timeout=5")).Expect(ExitCode.Conflict);
        Assert.False(Directory.Exists(Path.Combine(cli.Folder, "new")));
        Assert.True(Directory.Exists(Path.Combine(cli.Folder, "there")));
    }
}
