using System.Runtime.Versioning;
using Tavern.EventSourced.ContainerTests.Cli;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>The command with a store in a server.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresCommandTests(PostgresFixture server) : IDisposable
{
    private const int Usage = 2; // of the exit codes that scripts know
    private const int Negative = 1;
    private const int NotFound = 3;
    private const int Conflict = 4;
    private const int VerificationFailed = 6;

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_tavern_is_founded_run_and_read_in_a_server()
    {
        var connection = await server.ConnectionStringAsync();
        await RunAsync(0, $"tavern init inn --data inn --store \"{connection}\"");
        var file = Path.Combine(_shell.Folder, "inn", "store.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.False(File.Exists(Path.Combine(_shell.Folder, "inn", "events.db")));
        using (var node = _shell.StartTavern("node", "--data", "inn"))
        {
            await Shell.ReadUntilAsync(node, "data");
            await RunAsync(0, "tavern report working \"pulling pints\" --data inn");
            Assert.Contains("process " + node.Id, await RunAsync(Conflict, "tavern node --data inn"), StringComparison.Ordinal);
            await _shell.SignalAsync(node, "TERM");
            await Shell.UntilEndedAsync(node);
        }

        Assert.Contains("pulling pints", await RunAsync(0, "tavern log --data inn"), StringComparison.Ordinal);
        Assert.Contains("Verified", await RunAsync(0, "tavern replay --data inn"), StringComparison.Ordinal);
        Assert.Contains("working", await RunAsync(0, "tavern status --data inn"), StringComparison.Ordinal);
        Assert.Contains("is up to date", await RunAsync(0, "tavern migrate --plan --data inn"), StringComparison.Ordinal);
        Assert.Contains("0001_founding.sql", await RunAsync(0, "tavern migrate --apply --data inn"), StringComparison.Ordinal);
        Assert.Contains("step 2", await RunAsync(0, "tavern doctor --data inn"), StringComparison.Ordinal);
        Assert.Contains("fsync on, synchronous_commit on", await RunAsync(0, "tavern doctor --data inn"), StringComparison.Ordinal);
        Assert.Contains("pg_amcheck", await RunAsync(0, "tavern fsck --data inn"), StringComparison.Ordinal);
        Assert.Contains("a repair knows events.db only", await RunAsync(NotFound, "tavern fsck --data inn --repair-from jake"), StringComparison.Ordinal);
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_node_whose_store_another_process_took_over_ends_with_that_reason()
    {
        var connection = await server.ConnectionStringAsync();
        var schema = server.NewSchema();
        await RunAsync(0, $"tavern init inn --data inn --store \"{connection};Search Path={schema}\"");
        using var node = _shell.StartTavern("node", "--data", "inn");
        await Shell.ReadUntilAsync(node, "data");
        await PostgresServer.AskAsync($"{connection};Search Path={schema}", "update owner set token = token + 1, process = '\\x00000000000000000000000000000000', description = 'the second node'");
        await _shell.RunAsync("tavern send hello --data inn"); // whatever it is told, the node ends
        await Shell.UntilEndedAsync(node);
        Assert.Equal(Conflict, node.ExitCode);
        var said = await node.StandardError.ReadToEndAsync();
        Assert.Contains("is owned by the second node now", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal); // a reason, not a crash
    }

    [SkippableFact]
    public async Task Damaged_rows_are_found_and_are_not_backed_up()
    {
        var connection = await server.ConnectionStringAsync();
        var schema = server.NewSchema();
        await RunAsync(0, $"tavern init inn --data inn --store \"{connection};Search Path={schema}\"");
        await PostgresServer.AskAsync($"{connection};Search Path={schema}", "update events set payload = '{}' where position = 1");
        Assert.Contains("restore the newest backup", await RunAsync(VerificationFailed, "tavern fsck --data inn"), StringComparison.Ordinal);
        Assert.Contains("is not sound", await RunAsync(VerificationFailed, "tavern backup inn.tavern-backup --data inn"), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_shell.Folder, "inn.tavern-backup")));
    }

    [SkippableFact]
    public async Task A_role_that_lacks_a_right_and_settings_that_lose_commits_are_problems_of_doctor()
    {
        var connection = await server.ConnectionStringAsync();
        var schema = server.NewSchema();
        await RunAsync(0, $"tavern init inn --data inn --store \"{connection};Search Path={schema}\"");
        await PostgresServer.AskAsync(connection, $"create role {schema} login");
        try
        {
            await PostgresServer.AskAsync(connection, $"grant usage on schema {schema} to {schema}");
            await PostgresServer.AskAsync(connection, $"grant select on all tables in schema {schema} to {schema}");
            var file = Node.Hosting.StoreFile.Find(Path.Combine(_shell.Folder, "inn"))!;
            (file with { Connection = $"{file.Connection};Username={schema};Options=-c synchronous_commit=off" }).Write(Path.Combine(_shell.Folder, "inn"));
            var said = await RunAsync(Negative, "tavern doctor --data inn");
            Assert.Contains("the role lacks insert on owner", said, StringComparison.Ordinal);
            Assert.Contains("synchronous_commit is off", said, StringComparison.Ordinal);
        }
        finally
        {
            await PostgresServer.AskAsync(connection, $"drop owned by {schema}; drop role {schema}");
        }
    }

    [SkippableFact]
    public async Task A_password_on_the_command_line_is_refused_and_not_repeated()
    {
        var said = await RunAsync(Usage, "tavern init inn --data inn --store \"Host=127.0.0.1;Username=jake;Password=mellon\"");
        Assert.Contains("PGPASSWORD", said, StringComparison.Ordinal);
        Assert.DoesNotContain("mellon", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_shell.Folder, "inn")));
    }

    [SkippableFact]
    public async Task A_founding_that_reaches_no_server_can_be_done_again()
    {
        Assert.Contains("does not answer", await RunAsync(Conflict, "tavern init inn --data inn --store \"Host=127.0.0.1;Port=1;Timeout=5\""), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_shell.Folder, "inn")));
        await RunAsync(0, $"tavern init inn --data inn --store \"{await server.ConnectionStringAsync()}\"");
    }

    [SkippableFact]
    public async Task A_log_stays_where_it_is_and_a_schema_with_one_is_given_to_nobody_else()
    {
        var connection = await server.ConnectionStringAsync();
        var schema = server.NewSchema();
        await RunAsync(0, $"tavern init inn --data inn --store \"{connection};Search Path={schema}\"");
        Assert.Contains("another node's log", await RunAsync(NotFound, $"tavern init other --data other --store \"{connection};Search Path={schema}\""), StringComparison.Ordinal);
        Assert.Contains($"in the schema {schema}", await RunAsync(Conflict, $"tavern node --data inn --store \"{connection};Search Path=elsewhere\""), StringComparison.Ordinal);
        Assert.Contains("does not answer", await RunAsync(Conflict, "tavern node --data inn --store \"Host=127.0.0.1;Port=1;Timeout=5\""), StringComparison.Ordinal);
        Assert.Contains(schema, await RunAsync(0, "tavern migrate --data inn"), StringComparison.Ordinal); // the address that failed was not kept

        await RunAsync(0, "tavern init small --data small");
        Assert.Contains("events.db", await RunAsync(Conflict, $"tavern node --data small --store \"{connection}\""), StringComparison.Ordinal);
        Assert.Contains("is up to date", await RunAsync(0, "tavern migrate --data small"), StringComparison.Ordinal);
        await RunAsync(Usage, "tavern migrate --plan --apply --data small");
    }

    private async Task<string> RunAsync(int expected, string line)
    {
        var (code, output, error) = await _shell.RunAsync(line);
        Assert.True(code == expected, $"{line}\n{code}, expected {expected}\n{output}{error}");
        return output + error;
    }
}
