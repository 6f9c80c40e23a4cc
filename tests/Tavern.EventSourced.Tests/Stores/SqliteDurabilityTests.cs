using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

/// <summary>What stands between an acknowledgement and a power loss: the sync of every commit.</summary>
public sealed class SqliteDurabilityTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-durability-");

    private SqliteStoreOptions Options => new() { Path = Path.Combine(_folder.FullName, "tavern.db"), BusyWait = TimeSpan.Zero };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_connection_that_commits_syncs_every_commit_when_new_and_when_reopened_and_after_commits()
    {
        for (var opening = 0; opening < 2; opening++)
        {
            await using var store = await SqliteEventStore.OpenAsync(Options, default);
            Assert.Equal(new SqliteDurability("wal", SqliteDurability.Full), await store.ReadDurabilityAsync(default));
            var founding = new TestChains(seed: 3).Founding;
            await store.CommitAsync(new StoreBatch { Segments = [new StoredSegment(founding, Verified: true)] }, default);
            Assert.Equal(new SqliteDurability("wal", SqliteDurability.Full), await store.ReadDurabilityAsync(default));
        }
    }

    [Theory]
    [InlineData("normal", 1)]
    [InlineData("off", 0)]
    public async Task A_store_that_would_not_sync_is_refused_and_can_be_opened_properly_later(string synchronous, int number)
    {
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(async () => await SqliteEventStore.OpenAsync(Options with { Synchronous = synchronous }, default));
        Assert.Contains($"synchronous is {number}, expected 2 (full)", refused.Message, StringComparison.Ordinal);
        await using var store = await SqliteEventStore.OpenAsync(Options, default);
        Assert.Equal(SqliteDurability.Full, (await store.ReadDurabilityAsync(default)).Synchronous);
    }

    [Fact]
    public async Task A_file_that_another_program_left_in_another_journal_mode_is_brought_back()
    {
        await (await SqliteEventStore.OpenAsync(Options, default)).DisposeAsync();
        await using (var shell = new SqliteConnection($"Data Source={Options.Path};Pooling=false"))
        {
            await shell.OpenAsync();
            await using var change = shell.CreateCommand();
            change.CommandText = "pragma journal_mode = delete";
            Assert.Equal("delete", await change.ExecuteScalarAsync());
        }

        await using var store = await SqliteEventStore.OpenAsync(Options, default);
        Assert.Equal(new SqliteDurability("wal", SqliteDurability.Full), await store.ReadDurabilityAsync(default));
    }
}
