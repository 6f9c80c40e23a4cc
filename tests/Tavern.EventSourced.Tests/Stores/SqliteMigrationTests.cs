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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_store_of_an_older_version_is_brought_up_to_date_and_keeps_what_it_holds(int steps)
    {
        var author = new TestChains(seed: 3).Author();
        await using (var store = await SqliteEventStore.OpenAsync(Options, default))
            await store.CommitAsync(new StoreBatch { Segments = [new StoredSegment(author.Next(3), Verified: true)], Runs = [new(author.Chain.Agent, 1, author.Chain, 1, 3, 0, 0)] }, default);
        Downgrade(steps);
        await Assert.ThrowsAsync<StoreRefusedException>(async () => await SqliteEventStore.OpenAsync(Options with { ReadOnly = true }, default));

        await using var migrated = await SqliteEventStore.OpenAsync(Options, default);
        Assert.Equal(3, await migrated.ReadRecordsAsync(author.Chain, 1, 9, default).CountAsync());
        Assert.Equal([], await migrated.ReadPositionsAsync(author.Chain.Agent, default).ToListAsync());
        await migrated.CommitAsync(new StoreBatch { PositionSteps = [new PositionStep(author.Chain.Agent, "worker", 0, 3, null)] }, default);
        Assert.Equal(3, (await migrated.ReadPositionsAsync(author.Chain.Agent, default).SingleAsync()).Position);
        var line = author.Line(1);
        var (next, fork) = (author.Next(), line.Next());
        await migrated.CommitAsync(new StoreBatch { Segments = [new StoredSegment(next, Verified: true), new StoredSegment(fork, Verified: true)] }, default);
        Assert.Equal(line.Chain[4], (await migrated.FindRecordAsync(line.Chain[4], default))!.Id);
    }

    [Fact]
    public void Steps_are_numbered_without_holes() =>
        Assert.Equal(Enumerable.Range(1, SqliteMigration.All.Length), SqliteMigration.All.Select(step => step.Number));

    /// <summary>Puts the same rows into the tables that the first so many steps make.</summary>
    private void Downgrade(int steps)
    {
        var newer = Options.Path + ".newer";
        File.Move(Options.Path, newer);
        using var connection = new SqliteConnection($"Data Source={Options.Path};Pooling=False");
        connection.Open();
        Execute($"attach '{newer}' as newer; pragma application_id = 0x5456524E; {SqliteObjects.MigrationsTable};");
        foreach (var step in SqliteMigration.All.Take(steps)) Execute(step.Script);
        foreach (var table in SqliteObjects.After(steps).Where(made => made.Value.StartsWith("table ", StringComparison.Ordinal)).Select(made => made.Key))
            Execute($"insert into main.{table} select * from newer.{table} {(table == "migrations" ? $"where number <= {steps}" : "")}");

        void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
