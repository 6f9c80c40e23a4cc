using System.Text.Json;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Stores.Checking;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class DoctorTests
{
    [Fact]
    public async Task A_folder_that_was_just_made_is_healthy_and_every_line_has_a_topic_and_a_health()
    {
        using var cli = await InnAsync();
        var json = (await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Ok).Json;
        Assert.Equal(["schema", "dataFolder", "healthy", "lines"], json.EnumerateObject().Select(property => property.Name));
        var topics = json.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("topic").GetString()).ToHashSet();
        Assert.Superset(new HashSet<string?> { "platform", "tavern", "folder", "writing", "disk", "keys", "store", "durability", "clock", "node" }, topics);
        Assert.Contains("No problems", (await cli.RunAsync("doctor", "--data", "inn")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_recovery_key_that_is_still_here_and_a_left_invitation_are_warnings()
    {
        using var cli = await InnAsync();
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "old.invitation"), """{"schema":1,"privateKeyPem":"secret"}""");
        Assert.Equal("warning", Line(await cli.RunAsync("doctor", "--data", "inn", "--json"), "invitation", "old.invitation"));
        Assert.Equal("warning", Line(await cli.RunAsync("doctor", "--data", "inn", "--json"), "keys", "recovery"));
    }

    [Fact]
    public async Task A_key_that_is_gone_or_open_is_a_problem()
    {
        using var cli = await InnAsync();
        var key = Directory.EnumerateFiles(cli.Environment.KeysFolder).First(file => !file.Contains("recovery", StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        if (!OperatingSystem.IsWindows()) Assert.Equal("problem", Line((await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Negative), "keys", "chmod 600"));
        File.Delete(key);
        Assert.Equal("problem", Line((await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Negative), "keys", "missing"));
    }

    [Fact]
    public async Task A_node_that_was_killed_left_a_file_that_is_only_a_warning()
    {
        using var cli = await InnAsync();
        new NodeFile(999_999_999, new Uri("http://127.0.0.1:1"), null, DateTimeOffset.UnixEpoch).Write(Path.Combine(cli.Folder, "inn"));
        Assert.Equal("warning", Line((await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Ok), "node", "killed"));
    }

    [Fact]
    public async Task A_damaged_database_and_a_folder_without_a_tavern_are_problems()
    {
        using var cli = await InnAsync();
        await File.WriteAllBytesAsync(Path.Combine(cli.Folder, "inn", "events.db"), new byte[9000]);
        Assert.Equal("problem", Line((await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Negative), "store", "events.db"));
        Assert.Equal("problem", Line((await cli.RunAsync("doctor", "--data", "nowhere", "--json")).Expect(ExitCode.Negative), "tavern", "nowhere"));
    }

    [Theory]
    [InlineData("delete from events where position = 1")]
    [InlineData("delete from runs")]
    [InlineData("update events set header = x'00'")]
    [InlineData("update runs set last = 9")]
    public async Task A_log_that_no_command_can_read_is_a_problem(string damage)
    {
        using var cli = await InnAsync();
        SoundStore.Run(Path.Combine(cli.Folder, "inn", "events.db"), damage);
        Assert.Equal("problem", Line((await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Negative), "log", "tavern fsck"));
        (await cli.RunAsync("log", "--data", "inn")).Expect(ExitCode.VerificationFailed);
        (await cli.RunAsync("node", "--data", "inn")).Expect(ExitCode.VerificationFailed);
    }

    [Fact]
    public async Task A_log_that_was_here_and_is_gone_is_a_problem_and_one_that_never_was_is_a_warning()
    {
        using var cli = await InnAsync();
        File.Delete(Path.Combine(cli.Folder, "inn", "events.db"));
        Assert.Equal("problem", Line((await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Negative), "store", "the log is gone"));
        (TavernFile.Read(Path.Combine(cli.Folder, "inn")) with { Stored = false }).Write(Path.Combine(cli.Folder, "inn"));
        Assert.Equal("warning", Line((await cli.RunAsync("doctor", "--data", "inn", "--json")).Expect(ExitCode.Ok), "store", "no events.db yet"));
    }

    private static string? Line(CliResult result, string topic, string what)
    {
        var line = result.Json.GetProperty("lines").EnumerateArray().FirstOrDefault(line =>
            line.GetProperty("topic").GetString() == topic && (line.GetProperty("what").GetString() + line.GetProperty("advice").GetString()).Contains(what, StringComparison.Ordinal));
        return line.ValueKind is JsonValueKind.Undefined ? null : line.GetProperty("health").GetString();
    }

    private static async Task<CliSandbox> InnAsync()
    {
        var cli = new CliSandbox();
        (await cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);
        return cli;
    }
}

/// <summary>Beside running nodes.</summary>
public sealed class DoctorBesideNodesTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Fact]
    public async Task A_running_node_with_its_peers_is_healthy()
    {
        var result = (await tavern.JakeAsync("doctor", "--keys", tavern.Keys(0), "--json")).Expect(ExitCode.Ok);
        var topics = result.Json.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("topic").GetString()).ToList();
        Assert.Contains("token", topics);
        Assert.Contains("answers", result.Output, StringComparison.Ordinal);
        Assert.Contains("tavern fsck checks all of it", result.Output, StringComparison.Ordinal);
    }
}
