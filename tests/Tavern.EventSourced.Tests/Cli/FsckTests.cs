using System.Text.Json;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Tests.Stores.Checking;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class FsckTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Fact]
    public async Task A_sound_folder_is_sound_also_beside_a_running_node()
    {
        var keys = tavern.Keys(0);
        var json = (await tavern.JakeAsync("fsck", "--keys", keys, "--json")).Expect(ExitCode.Ok).Json;
        Assert.Equal(
            ["schema", "tavernName", "dataFolder", "sound", "events", "chains", "seconds", "findingsCount", "findings", "server"], json.EnumerateObject().Select(property => property.Name));
        Assert.True(json.GetProperty("sound").GetBoolean());
        Assert.StartsWith("Sound: ", (await tavern.JakeAsync("fsck", "--keys", keys)).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_is_6_and_every_finding_says_where_what_and_what_to_do()
    {
        using var cli = await InnAsync();
        SoundStore.Run(Path.Combine(cli.Folder, "inn", "events.db"), "update events set payload = x'00'");
        var result = (await cli.RunAsync("fsck", "--data", "inn")).Expect(ExitCode.VerificationFailed);
        Assert.Contains("! events position 1", result.Output, StringComparison.Ordinal);
        Assert.Contains("payload", result.Output, StringComparison.Ordinal);
        Assert.Contains("--repair-from PEER", result.Output, StringComparison.Ordinal);
        var json = (await cli.RunAsync("fsck", "--data", "inn", "--json", "--max", "1")).Expect(ExitCode.VerificationFailed).Json;
        Assert.Equal(1, json.GetProperty("findings").GetArrayLength());
        Assert.Equal(["table", "place", "events", "name", "what", "advice"], json.GetProperty("findings")[0].EnumerateObject().Select(property => property.Name));
        Assert.All((await cli.RunAsync("fsck", "--data", "inn", "-o", "ndjson")).Lines, line => Assert.Equal(JsonValueKind.Object, line.ValueKind));
    }

    [Theory]
    [InlineData("keys", "keys")]
    [InlineData("tavern.json", "tavern.json")]
    [InlineData("open", "events.db")]
    [InlineData("token", "tokens")]
    [InlineData("gone", "events.db")]
    public async Task What_stands_beside_the_store_is_checked_too(string damage, string found)
    {
        using var cli = await InnAsync();
        var inn = Path.Combine(cli.Folder, "inn");
        switch (damage)
        {
            case "keys":
                File.Delete(Directory.EnumerateFiles(cli.Environment.KeysFolder).First(file => !file.Contains("recovery", StringComparison.Ordinal)));
                break;
            case "tavern.json":
                await File.WriteAllTextAsync(Path.Combine(inn, "tavern.json"), "{");
                break;
            case "open":
                if (OperatingSystem.IsWindows()) return; // access lists rule there
                File.SetUnixFileMode(Path.Combine(inn, "events.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
                break;
            case "token":
                Directory.CreateDirectory(Path.Combine(inn, "tokens"));
                await File.WriteAllTextAsync(Path.Combine(inn, "tokens", "read"), "no token");
                break;
            default:
                File.Delete(Path.Combine(inn, "events.db"));
                break;
        }

        var json = (await cli.RunAsync("fsck", "--data", "inn", "--json")).Expect(ExitCode.VerificationFailed).Json;
        Assert.Contains(json.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("table").GetString() == found);
    }

    [Fact]
    public async Task A_person_who_waits_sees_how_far_it_is()
    {
        using var cli = await InnAsync();
        var error = new StringWriter();
        var host = cli.NewHost(new Terminal(new StringWriter(), error, colour: false, errorColour: false) { ShowsProgress = true });
        Assert.Equal(ExitCode.Ok, await new TavernCommandLine(host).RunAsync(["fsck", "--data", "inn"], new Interruption()));
        Assert.Contains("checking pages", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_says_whom_it_asked_in_vain_and_changes_nothing()
    {
        using var cli = await InnAsync();
        SoundStore.Run(Path.Combine(cli.Folder, "inn", "events.db"), "update events set signature = zeroblob(64)");
        var refused = (await cli.RunAsync("fsck", "--data", "inn", "--repair-from", "00000000000000000000000000000001@http://127.0.0.1:1")).Expect(ExitCode.Conflict);
        Assert.Contains("Nothing was changed", refused.Error, StringComparison.Ordinal);
        (await cli.RunAsync("fsck", "--data", "inn", "--repair-from", "sauron")).Expect(ExitCode.NotFound);
    }

    private static async Task<CliSandbox> InnAsync()
    {
        var cli = new CliSandbox();
        (await cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);
        (await cli.RunAsync("fsck", "--data", "inn")).Expect(ExitCode.Ok);
        return cli;
    }
}
