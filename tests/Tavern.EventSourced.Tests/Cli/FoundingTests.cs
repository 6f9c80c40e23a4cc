using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class FoundingTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Fact]
    public async Task Init_makes_a_private_folder_and_makes_it_current()
    {
        using var cli = new CliSandbox();
        var result = (await cli.RunAsync("init", "prancing-pony", "--as", "barliman")).Expect(ExitCode.Ok);
        var folder = Path.Combine(cli.Folder, "data", "tavern", "prancing-pony");
        Assert.Contains("tavern node", result.Error, StringComparison.Ordinal);
        Assert.Equal(folder, CurrentTavern.Read(cli.Environment));
        Assert.Equal(("prancing-pony", "barliman"), (TavernFile.Read(folder).Name, TavernFile.Read(folder).Hosted.Single().Name));
        if (!OperatingSystem.IsWindows()) Assert.Equal("700", Convert.ToString((int)File.GetUnixFileMode(folder), 8));
        (await cli.RunAsync("init", "prancing-pony")).Expect(ExitCode.Conflict);
    }

    [Fact]
    public async Task A_folder_without_a_node_can_be_read()
    {
        using var cli = new CliSandbox();
        (await cli.RunAsync("init", "inn")).Expect(ExitCode.Ok);
        var status = (await cli.RunAsync("status", "--json")).Expect(ExitCode.Ok);
        Assert.False(status.Json.GetProperty("running").GetBoolean());
        Assert.Contains("jake:1", (await cli.RunAsync("log")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Contains("Verified", (await cli.RunAsync("replay")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Single((await cli.RunAsync("export")).Expect(ExitCode.Ok).Lines);
    }

    [Fact]
    public async Task An_invitation_is_one_private_file_that_lets_join_once()
    {
        using var cli = new CliSandbox();
        var file = Path.Combine(cli.Folder, "sam.invitation");
        var invited = (await tavern.JakeAsync("spawn", "sam", "--invite", file, "--json")).Expect(ExitCode.Ok);
        Assert.DoesNotContain("PRIVATE", invited.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(file), 8));

        var joined = (await cli.RunAsync("join", "sam.invitation", "--data", "sam")).Expect(ExitCode.Ok);
        Assert.Contains("rm ", joined.Error, StringComparison.Ordinal);
        Assert.Equal("sam", TavernFile.Read(Path.Combine(cli.Folder, "sam")).Hosted.Single().Name);
        (await cli.RunAsync("join", "sam.invitation", "--data", "sam")).Expect(ExitCode.Conflict);

        var kept = Path.Combine(cli.Environment.KeysFolder, "invitation");
        File.Copy(file, kept);
        var again = (await cli.RunAsync("join", kept, "--data", "again")).Expect(ExitCode.Ok).Error;
        Assert.DoesNotContain("rm ", again, StringComparison.Ordinal);
        Assert.Contains("! sam was here before", again, StringComparison.Ordinal);
        Assert.DoesNotContain("was here before", joined.Error, StringComparison.Ordinal);
        foreach (var other in (string[])["{}", "# A page about inns", ""])
        {
            await File.WriteAllTextAsync(file, other);
            var refused = (await cli.RunAsync("join", "sam.invitation", "--data", "other")).Expect(ExitCode.NotFound);
            Assert.Contains(file, refused.Error, StringComparison.Ordinal);
            Assert.Contains("tavern spawn NAME --invite FILE", refused.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(cli.Folder, "other")));
        }
    }

    [Fact]
    public async Task Nobody_is_spawned_when_the_invitation_has_no_place_and_no_file_is_left_when_nobody_is_spawned()
    {
        using var cli = new CliSandbox();
        var nowhere = Path.Combine(cli.Folder, "missing", "merry.invitation");
        var refused = (await tavern.JakeAsync("spawn", "merry", "--invite", nowhere)).Expect(ExitCode.NotFound);
        Assert.Contains("Nobody was invited", refused.Error, StringComparison.Ordinal);

        var file = Path.Combine(cli.Folder, "merry.invitation");
        (await tavern.JakeAsync("spawn", "merry", "--invite", file)).Expect(ExitCode.Ok); // the name was not taken
        var again = Path.Combine(cli.Folder, "again.invitation");
        (await tavern.JakeAsync("spawn", "merry", "--invite", again)).Expect(ExitCode.Conflict);
        Assert.False(File.Exists(again));
    }
}
