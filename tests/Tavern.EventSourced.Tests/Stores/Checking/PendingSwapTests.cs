using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Stores.Sqlite.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores.Checking;

public sealed class PendingSwapTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-swap-");

    private string Database => Path.Combine(_folder.FullName, "events.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_swap_that_was_cut_short_after_any_step_is_finished_by_whoever_writes_next(int stepsDone)
    {
        await MakeAsync(Database, segments: 1);
        await File.WriteAllTextAsync(Database + "-wal", "");
        await File.WriteAllTextAsync(Database + "-shm", "");
        await MakeAsync(Path.Combine(_folder.FullName, "elsewhere", "events.db"), segments: 3);
        File.Move(Path.Combine(_folder.FullName, "elsewhere", "events.db"), Database + ".repaired-20260101T000000Z");
        foreach (var suffix in new[] { "-wal", "-shm", "" }.Take(stepsDone)) File.Move(Database + suffix, Database + ".damaged-20260101T000000Z" + suffix);

        await Assert.ThrowsAsync<StoreRefusedException>(async () => await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = Database, ReadOnly = true }, default));
        await using (var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = Database }, default))
            Assert.Equal(3, await store.ReadSegmentsAsync(default).CountAsync());
        Assert.True(File.Exists(Database + ".damaged-20260101T000000Z"));
        Assert.False(PendingSwap.Exists(Database));
    }

    [Fact]
    public async Task A_database_that_was_still_being_built_counts_for_nothing()
    {
        await MakeAsync(Database, segments: 2);
        await File.WriteAllTextAsync(PendingSwap.BuildingFor(Database), "half of it");
        await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = Database }, default);
        Assert.Equal(2, await store.ReadSegmentsAsync(default).CountAsync());
    }

    private static async Task MakeAsync(string path, int segments)
    {
        var author = new TestChains(seed: 6).Author();
        await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = path }, default);
        for (var i = 0; i < segments; i++) await store.CommitAsync(new StoreBatch { Segments = [new StoredSegment(author.Next(), Verified: true)] }, default);
    }
}
