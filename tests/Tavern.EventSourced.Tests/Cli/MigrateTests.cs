using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>What is said of a database's schema. Servers: ContainerTests.</summary>
public sealed class MigrateTests : IDisposable
{
    private readonly CliSandbox _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Every_step_is_named_with_its_checksum_and_when_it_was_applied()
    {
        (await _cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);
        foreach (var mode in (string[])["--plan", "--apply"])
        {
            var json = (await _cli.RunAsync("migrate", mode, "--data", "inn", "--json")).Expect(ExitCode.Ok).Json;
            Assert.Equal(0, json.GetProperty("pending").GetInt32());
            var steps = json.GetProperty("steps").EnumerateArray().ToList();
            Assert.Equal(SqliteMigration.All.Select(step => (step.Name, step.Checksum.ToString())), steps.Select(step => (step.GetProperty("name").GetString()!, step.GetProperty("checksum").GetString()!)));
            Assert.All(steps, step => Assert.StartsWith("20", step.GetProperty("appliedAt").GetString(), StringComparison.Ordinal));
        }

        Assert.Contains("is up to date", (await _cli.RunAsync("migrate", "--data", "inn")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("the log of", (await _cli.RunAsync("migrate", "--data", "inn")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        var current = (await _cli.RunAsync("migrate", "--apply")).Expect(ExitCode.Ok).Output.Split('\n')[0];
        Assert.Contains($"the log of {Path.Combine(_cli.Folder, "inn")}, is up to date", current, StringComparison.Ordinal);
        Assert.Contains("contradict", (await _cli.RunAsync("migrate", "--plan", "--apply", "--data", "inn")).Expect(ExitCode.Usage).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--plan")]
    [InlineData("--apply")]
    public async Task Marten_is_told_where_a_log_is_that_it_cannot_read(string mode)
    {
        (await _cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);
        var refused = (await _cli.RunAsync("migrate", mode, "--marten", "--data", "inn")).Expect(ExitCode.Conflict);
        Assert.Contains("events.db", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=inn;Password=mellon", "PGPASSWORD")]
    [InlineData("Database=inn", "names no host")]
    [InlineData("Host=inn;Search Path=Inn", "not a schema's name")]
    [InlineData("postgres://jake:mellon@inn/tavern", "Host=HOST;Port=PORT;Database=NAME;Username=USER")]
    [InlineData("PostgreSQL://inn/tavern", "is a URL")]
    public async Task A_store_that_cannot_be_meant_is_refused_and_leaves_nothing_behind(string store, string because)
    {
        var refused = (await _cli.RunAsync("init", "inn", "--data", "inn", "--store", store)).Expect(ExitCode.Usage);
        Assert.Contains(because, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("mellon", refused.Error + refused.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_cli.Folder, "inn")));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public async Task A_server_that_asks_for_a_password_when_there_is_none_is_told_with_where_to_put_it(int method)
    {
        Environment.SetEnvironmentVariable("PGPASSWORD", null); // of this process, in which nothing else speaks to a server
        using var server = new PasswordServer(method);
        var passwords = Path.Combine(_cli.Folder, "passwords");
        var store = $"Host=127.0.0.1;Port={server.Port};Database=tavern;Username=jake;Passfile={passwords}";
        Assert.Contains($"'{passwords}'", (await _cli.RunAsync("init", "inn", "--data", "inn", "--store", store)).Expect(ExitCode.Conflict).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(passwords, "");
        var refused = (await _cli.RunAsync("init", "inn", "--data", "inn", "--store", store)).Expect(ExitCode.Conflict);
        foreach (var word in (string[])["asks for a password, and there is none", "~/.pgpass", "PGPASSFILE", "PGPASSWORD", "on a command line is refused"])
            Assert.Contains(word, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("tried again", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_cli.Folder, "inn")));
    }
}
