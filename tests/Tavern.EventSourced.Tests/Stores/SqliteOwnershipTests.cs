using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

/// <summary>Who may open a store, who may write to it, and what is refused.</summary>
public sealed class SqliteOwnershipTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-owner-");
    private readonly TestChains _chains = new(seed: 1);

    private SqliteStoreOptions Options => new()
    {
        Path = Path.Combine(_folder.FullName, "data", "tavern.db"),
        Owner = "the first node",
        BusyWait = TimeSpan.Zero,
    };

    private StoreBatch Founding => new() { Segments = [new StoredSegment(_chains.Founding, Verified: true)] };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_second_owner_is_refused_and_told_who_the_first_is()
    {
        var first = await OpenAsync();
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(async () => await OpenAsync(Options with { Owner = "the second node" }));
        var holder = $"the first node, process {Environment.ProcessId} on {Environment.MachineName}, since 20";
        Assert.Contains(holder, refusal.Message, StringComparison.Ordinal);
        await first.CommitAsync(Founding, default);
        await first.DisposeAsync();
        await using var second = await OpenAsync(Options with { Owner = "the second node" });
        Assert.Equal(1, await second.ReadSegmentsAsync(default).CountAsync());
    }

    [Fact]
    public async Task An_owner_that_was_replaced_can_commit_nothing_more()
    {
        await using var store = await OpenAsync();
        Execute("update owner set token = token + 1, description = 'the second node'");
        var fenced = await Assert.ThrowsAsync<StoreFencedException>(async () => await store.CommitAsync(Founding, default));
        Assert.Contains("the second node", fenced.Message, StringComparison.Ordinal);
        Assert.Equal(0, await store.ReadSegmentsAsync(default).CountAsync());
    }

    [Fact]
    public async Task Each_owner_has_a_higher_token()
    {
        for (var expected = 1; expected <= 3; expected++)
        {
            await using var store = await OpenAsync();
            Assert.Equal(expected, Query("select token from owner"));
        }
    }

    [Fact]
    public async Task A_schema_with_an_unknown_step_is_refused_by_writers_and_readers()
    {
        await (await OpenAsync()).DisposeAsync();
        Execute("insert into migrations values (99, '0099_tomorrow.sql', '" + new string('a', 64) + "', '')");
        await RequireRefusedAsync("0099_tomorrow.sql");
    }

    [Fact]
    public async Task A_step_with_another_checksum_is_refused_by_writers_and_readers()
    {
        await (await OpenAsync()).DisposeAsync();
        Execute("update migrations set checksum = '" + new string('a', 64) + "'");
        await RequireRefusedAsync("0001_founding.sql");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Options.Path)!);
        var text = new string('x', 8_192);
        await File.WriteAllTextAsync(Options.Path, text);
        await RequireRefusedAsync("is damaged");
        Assert.Equal(text, await File.ReadAllTextAsync(Options.Path));
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Options.Path)!);
        Execute("create table theirs (id integer)");
        var before = await File.ReadAllBytesAsync(Options.Path);
        await RequireRefusedAsync("another program");
        Assert.Equal(before, await File.ReadAllBytesAsync(Options.Path));
    }

    [Fact]
    public async Task A_damaged_page_is_reported_and_not_read_as_data()
    {
        var store = await OpenAsync();
        var author = _chains.Author();
        for (var i = 0; i < 200; i++)
            await store.CommitAsync(new StoreBatch { Segments = [new StoredSegment(author.Next(), Verified: true)] }, default);
        await store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(Options.Path);
        bytes.AsSpan(3 * 4_096).Fill(0xEE); // all but the schema
        await File.WriteAllBytesAsync(Options.Path, bytes);
        await Assert.ThrowsAsync<StoreRefusedException>(async () => await OpenAsync());
        await using var reader = await OpenReadOnlyAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await reader.ReadSegmentsAsync(default).CountAsync());
    }

    [Fact]
    public async Task A_reader_opens_beside_the_owner_and_sees_each_commit()
    {
        await using var store = await OpenAsync();
        await using var reader = await OpenReadOnlyAsync();
        Assert.Equal(0, await reader.ReadSegmentsAsync(default).CountAsync());
        await store.CommitAsync(Founding, default);
        Assert.Equal(1, await reader.ReadSegmentsAsync(default).CountAsync());
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.CommitAsync(Founding, default));
        Assert.Contains("read only", refusal.Message, StringComparison.Ordinal);
        await reader.MarkVerifiedAsync([_chains.Founder.HeadId], default);
    }

    [Fact]
    public async Task A_reader_works_without_an_owner_and_takes_no_lock()
    {
        await (await OpenAsync()).DisposeAsync();
        await using var reader = await OpenReadOnlyAsync();
        Assert.Equal(0, await reader.ReadSegmentsAsync(default).CountAsync());
        await using var store = await OpenAsync();
    }

    [Fact]
    public async Task Looking_whether_somebody_holds_the_lock_tells_the_truth_and_makes_no_owner_fail()
    {
        var folder = Path.GetDirectoryName(Options.Path)!;
        Assert.False(OwnerLock.IsHeld(folder));
        await using (await OpenAsync()) Assert.True(OwnerLock.IsHeld(folder));
        Assert.False(OwnerLock.IsHeld(folder));
        using var ending = new CancellationTokenSource();
        var looking = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!ending.IsCancellationRequested) OwnerLock.IsHeld(folder);
        })).ToList();
        for (var i = 0; i < 200; i++) OwnerLock.Take(folder, "a node", DateTimeOffset.UnixEpoch).Dispose();
        await ending.CancelAsync();
        await Task.WhenAll(looking);
    }

    [Fact]
    public async Task There_is_nothing_to_read_before_a_store_was_made()
    {
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(async () => await OpenReadOnlyAsync());
        Assert.Contains(Options.Path, refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Options.Path));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_their_owner_may_read_the_files()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows files inherit the rights of their folder.");
        await using var store = await OpenAsync();
        await store.CommitAsync(Founding, default);
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var folder = Path.GetDirectoryName(Options.Path)!;
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        foreach (var file in Directory.GetFiles(folder)) Assert.Equal((file, OwnerOnly), (file, File.GetUnixFileMode(file)));
    }

    private async Task RequireRefusedAsync(string because)
    {
        foreach (var options in new[] { Options, Options with { ReadOnly = true } })
        {
            var refusal = await Assert.ThrowsAsync<StoreRefusedException>(async () => await OpenAsync(options));
            Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
        }
    }

    private ValueTask<SqliteEventStore> OpenAsync(SqliteStoreOptions? options = null) => SqliteEventStore.OpenAsync(options ?? Options, default);

    private ValueTask<SqliteEventStore> OpenReadOnlyAsync() => OpenAsync(Options with { ReadOnly = true });

    private void Execute(string sql) => Query(sql);

    private long? Query(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Options.Path};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long?;
    }
}
