using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

/// <summary>What a store says, and keeps, when the disk or another program is in its way.</summary>
public sealed class SqliteFailureTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-failure-");
    private readonly TestChains _chains = new(seed: 2);

    private SqliteStoreOptions Options => new() { Path = Path.Combine(_folder.FullName, "tavern.db"), BusyWait = TimeSpan.Zero };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_locked_database_is_unavailable_and_the_same_batch_commits_later()
    {
        await using var store = await SqliteEventStore.OpenAsync(Options, default);
        var batch = BatchOf(_chains.Founding);
        await using (var shell = new SqliteConnection($"Data Source={Options.Path};Pooling=false"))
        {
            await shell.OpenAsync();
            await using var transaction = shell.BeginTransaction(deferred: false);
            var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(batch, default));
            Assert.Contains("locked by another program", unavailable.Message, StringComparison.Ordinal);
        }

        await store.CommitAsync(batch, default);
        Assert.Equal(1, await store.ReadSegmentsAsync(default).CountAsync());
    }

    [Fact]
    public async Task A_full_disk_refuses_the_whole_batch_and_keeps_what_it_held()
    {
        await using var store = await SqliteEventStore.OpenAsync(Options with { PagesMax = 40 }, default);
        var author = _chains.Author();
        await store.CommitAsync(BatchOf(author.Next()), default);
        var large = BatchOf(_chains.Author().Next(), author.Next(TestAuthor.Note(new string('x', 500_000))));
        var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(large, default));
        Assert.Contains("disk is full", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal(1, await store.ReadSegmentsAsync(default).CountAsync());
        await store.CommitAsync(BatchOf(_chains.Author().Next()), default);
    }

    [Fact]
    public async Task A_commit_that_began_is_finished_whatever_becomes_of_its_token()
    {
        await using var store = await SqliteEventStore.OpenAsync(Options, default);
        var author = _chains.Author();
        var held = 0;
        for (var i = 0; i < 50; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var commit = store.CommitAsync(BatchOf(author.Fork()), cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await Task.WhenAny(commit);
            if (commit.IsCompletedSuccessfully)
            {
                held++;
                _ = author.Next(TestAuthor.Note("another story 1"));
            }

            Assert.True(commit.IsCompletedSuccessfully || commit.IsCanceled);
            Assert.Equal(held, await store.ReadSegmentsAsync(default).CountAsync());
        }
    }

    [Fact]
    public async Task Commits_of_several_callers_are_all_kept()
    {
        var writers = Enumerable.Range(0, 8).Select(_ => _chains.Author()).ToList();
        await using (var store = await SqliteEventStore.OpenAsync(Options, default))
        {
            await Task.WhenAll(writers.Select(async writer =>
            {
                for (var i = 0; i < 20; i++)
                    await store.CommitAsync(BatchOf(writer.Next()), default);
            }));
        }

        await using var reopened = await SqliteEventStore.OpenAsync(Options, default);
        Assert.Equal(160, await reopened.ReadSegmentsAsync(default).CountAsync());
        Assert.True(reopened.BytesOnDisk > 160 * 200);
    }

    [Fact]
    public async Task A_closed_store_refuses_work()
    {
        var store = await SqliteEventStore.OpenAsync(Options, default);
        await store.DisposeAsync();
        await store.DisposeAsync();
        var batch = BatchOf(_chains.Founding);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.CommitAsync(batch, default));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.FindRecordAsync(_chains.Founder.HeadId, default));
    }

    [Theory]
    [InlineData(1034, 10, typeof(StoreSyncFailedException))]   // SQLITE_IOERR_FSYNC
    [InlineData(1290, 10, typeof(StoreSyncFailedException))]   // SQLITE_IOERR_DIR_FSYNC
    [InlineData(266, 10, typeof(StoreUnavailableException))]   // SQLITE_IOERR_READ
    [InlineData(5, 5, typeof(StoreUnavailableException))]      // SQLITE_BUSY
    [InlineData(13, 13, typeof(StoreUnavailableException))]    // SQLITE_FULL
    [InlineData(8, 8, typeof(StoreUnavailableException))]      // SQLITE_READONLY
    [InlineData(11, 11, typeof(StoreUnavailableException))]    // SQLITE_CORRUPT
    [InlineData(2067, 19, typeof(SqliteException))]            // SQLITE_CONSTRAINT_UNIQUE: a bug of ours
    public void Each_failure_has_its_kind(int extended, int primary, Type expected) =>
        Assert.IsType(expected, SqliteErrors.ToException("tavern.db", new SqliteException("it failed.", primary, extended)));

    private static StoreBatch BatchOf(params Segment[] segments) =>
        new() { Segments = [.. segments.Select(segment => new StoredSegment(segment, Verified: true))] };
}
