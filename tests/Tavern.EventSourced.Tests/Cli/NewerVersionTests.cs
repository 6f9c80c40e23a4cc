using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Stores.Checking;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>A folder that a newer version of Tavern wrote is refused with that version's number, and stays as it is.</summary>
public sealed class NewerVersionTests
{
    private static readonly string[] Commands = ["node", "status", "fsck", "replay"];

    [Fact]
    public async Task A_newer_tavern_json_is_refused_by_every_command()
    {
        using var cli = await InnAsync();
        var file = Path.Combine(cli.Folder, "inn", "tavern.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"schema\": 1", "\"schema\": 7", StringComparison.Ordinal));
        await RequireRefusedAsync(cli, "has schema 7; this version reads 1");
    }

    [Fact]
    public async Task A_newer_step_of_the_database_is_refused_by_every_command()
    {
        using var cli = await InnAsync();
        SoundStore.Run(Path.Combine(cli.Folder, "inn", "events.db"), $"insert into migrations values (9, '0009_later.sql', '{new string('0', 64)}', '2030-01-01T00:00:00Z')");
        await RequireRefusedAsync(cli, "0009_later.sql");
    }

    private static async Task RequireRefusedAsync(CliSandbox cli, string said)
    {
        var before = Files(cli);
        foreach (var command in Commands)
        {
            var result = await cli.RunAsync(command, "--data", "inn");
            Assert.True(result.Code is ExitCode.Conflict or ExitCode.NotFound, $"{command}: {result.Code}\n{result.Error}");
            Assert.Contains(said, result.Error, StringComparison.Ordinal);
            Assert.Equal(before, Files(cli));
        }
    }

    private static string Files(CliSandbox cli) => string.Join('\n', new[] { "tavern.json", "events.db" }.Select(name => $"{name} {Hash.Of(File.ReadAllBytes(Path.Combine(cli.Folder, "inn", name)))}"));

    private static async Task<CliSandbox> InnAsync()
    {
        var cli = new CliSandbox();
        (await cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);
        return cli;
    }
}
