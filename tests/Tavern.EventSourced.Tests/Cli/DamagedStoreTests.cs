using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Tests.Stores.Checking;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class DamagedStoreTests
{
    [Theory]
    [InlineData("rm", "is gone")]
    [InlineData("truncate", "is gone")]
    [InlineData("drop table segments", "segments is missing")]
    [InlineData("delete from migrations", "lacks the step")]
    public async Task A_store_that_is_damaged_or_gone_is_6_for_a_node_and_for_readers_and_names_fsck(string damage, string what)
    {
        using var cli = new CliSandbox();
        (await cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);
        var path = Path.Combine(cli.Folder, "inn", "events.db");
        if (damage == "rm") File.Delete(path);
        else if (damage == "truncate") await File.WriteAllBytesAsync(path, []);
        else SoundStore.Run(path, damage);
        foreach (var command in (string[])["node", "status", "log", "agents"])
        {
            var result = (await cli.RunAsync(command, "--data", "inn")).Expect(ExitCode.VerificationFailed);
            Assert.Contains(what, result.Error, StringComparison.Ordinal);
            Assert.Contains("tavern fsck", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("tavern migrate", result.Error, StringComparison.Ordinal);
        }

        Assert.Contains("PROBLEM", (await cli.RunAsync("doctor", "--data", "inn")).Expect(ExitCode.Negative).Output, StringComparison.Ordinal);
        (await cli.RunAsync("fsck", "--data", "inn")).Expect(ExitCode.VerificationFailed);
    }

    [Theory]
    [InlineData("update events set payload = replace(cast(payload as text), 'inn', 'out')", "payload")]
    [InlineData("update events set hash = zeroblob(32)", "hash")]
    public async Task A_replay_of_a_store_that_does_not_verify_is_6_and_says_what_does_not_hold(string damage, string what)
    {
        using var cli = new CliSandbox();
        (await cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);
        (await cli.RunAsync("replay", "--data", "inn")).Expect(ExitCode.Ok);
        await using (var shell = new SqliteConnection($"Data Source={Path.Combine(cli.Folder, "inn", "events.db")};Pooling=false"))
        {
            await shell.OpenAsync();
            await using var change = shell.CreateCommand();
            change.CommandText = damage.Replace("replace(cast(payload as text), 'inn', 'out')", "cast(replace(cast(payload as text), 'inn', 'out') as blob)", StringComparison.Ordinal);
            Assert.True(await change.ExecuteNonQueryAsync() > 0);
        }

        var result = (await cli.RunAsync("replay", "--data", "inn")).Expect(ExitCode.VerificationFailed);
        Assert.Contains(what, result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
        var json = (await cli.RunAsync("replay", "--json", "--data", "inn")).Expect(ExitCode.VerificationFailed).Json;
        Assert.False(json.GetProperty("verified").GetBoolean());
        Assert.NotEqual(0, json.GetProperty("faults").GetArrayLength());
    }
}
