using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

/// <summary>Stores of older versions.</summary>
public sealed class SqliteMigrationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-migration-");

    private SqliteStoreOptions Options => new() { Path = Path.Combine(_folder.FullName, "tavern.db"), BusyWait = TimeSpan.Zero };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_store_without_subscriptions_gets_them_and_keeps_what_it_holds()
    {
        var author = new TestChains(seed: 3).Author();
        await using (var store = await SqliteEventStore.OpenAsync(Options, default))
            await store.CommitAsync(new StoreBatch { Segments = [new StoredSegment(author.Next(3), Verified: true)], Runs = [new(author.Chain.Agent, 1, author.Chain, 1, 3, 0, 0)] }, default);
        // What the first version left: its one step, and none of what came later.
        Execute("drop table positions; delete from migrations where number > 1");
        await Assert.ThrowsAsync<StoreRefusedException>(async () => await SqliteEventStore.OpenAsync(Options with { ReadOnly = true }, default));

        await using var migrated = await SqliteEventStore.OpenAsync(Options, default);
        Assert.Equal(3, await migrated.ReadRecordsAsync(author.Chain, 1, 9, default).CountAsync());
        Assert.Equal([], await migrated.ReadPositionsAsync(author.Chain.Agent, default).ToListAsync());
        await migrated.CommitAsync(new StoreBatch { PositionSteps = [new PositionStep(author.Chain.Agent, "worker", 0, 3, null)] }, default);
        Assert.Equal(3, (await migrated.ReadPositionsAsync(author.Chain.Agent, default).SingleAsync()).Position);
    }

    [Fact]
    public void Steps_are_numbered_without_holes() =>
        Assert.Equal(Enumerable.Range(1, SqliteMigration.All.Length), SqliteMigration.All.Select(step => step.Number));

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Options.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
