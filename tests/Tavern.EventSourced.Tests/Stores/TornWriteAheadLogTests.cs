using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

/// <summary>A write-ahead log that a crash or a failing disk tore. SQLite reads it up to the last commit before the first frame whose
/// checksum does not hold: everything before that is whole, everything behind is as if it had never been. What was synced and not torn is
/// never lost.</summary>
public sealed class TornWriteAheadLogTests : IAsyncLifetime
{
    private const int HeaderBytes = 32;
    private const int FrameBytes = 24 + 4096;
    private const int Commits = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("tavern-torn-").FullName;
    private readonly List<long> _lengths = []; // of the log when each commit returned
    private byte[] _database = [];
    private byte[] _log = [];

    public async Task InitializeAsync()
    {
        var path = Path.Combine(_folder, "store.db");
        var author = new TestChains(seed: 5).Author();
        await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = path }, default);
        for (var i = 0; i < Commits; i++)
        {
            await store.CommitAsync(new StoreBatch { Segments = [new StoredSegment(author.Next(1 + i), Verified: true)] }, default);
            _lengths.Add(new FileInfo(path + "-wal").Length);
        }

        // What a kill would leave: the files as they are now, while the store is open.
        _database = ReadShared(path);
        _log = ReadShared(path + "-wal");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Torn_anywhere_every_commit_before_the_tear_is_held_whole_and_none_behind_it()
    {
        for (var length = HeaderBytes; length <= _log.Length; length += FrameBytes)
            foreach (var tear in (int[])[length, length + 1, length + 24, length + (FrameBytes / 2), length + FrameBytes - 1])
                if (tear <= _log.Length) await RequireAsync(_log[..tear], WholeUpTo(tear), $"cut at {tear}");
    }

    [Fact]
    public async Task Scribbled_over_anywhere_every_commit_before_that_frame_is_held()
    {
        var random = new SplitMix64(7);
        for (var frame = 0; frame < (_log.Length - HeaderBytes) / FrameBytes; frame++)
        {
            var at = HeaderBytes + (frame * FrameBytes) + random.Below(FrameBytes);
            var log = _log.ToArray();
            log[at] ^= (byte)(1 << random.Below(8));
            await RequireAsync(log, WholeUpTo(HeaderBytes + (frame * FrameBytes)), $"seed 7, scribbled at {at}");
        }
    }

    [Fact]
    public async Task An_unfinished_tail_that_was_never_synced_costs_nothing_that_was_acknowledged()
    {
        var random = new SplitMix64(8);
        for (var i = 0; i < 20; i++)
        {
            var tail = new byte[1 + random.Below(3 * FrameBytes)];
            for (var j = 0; j < tail.Length; j++) tail[j] = i % 2 == 0 ? (byte)random.Next() : _log[(HeaderBytes + j) % _log.Length]; // noise, or frames that were valid once
            await RequireAsync([.. _log, .. tail], Commits, $"seed 8, tail {i}");
        }
    }

    private int WholeUpTo(long length) => _lengths.Count(committed => committed <= length);

    private async Task RequireAsync(byte[] log, int commits, string where)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "torn")).FullName;
        var path = Path.Combine(folder, "store.db");
        await File.WriteAllBytesAsync(path, _database);
        await File.WriteAllBytesAsync(path + "-wal", log);
        if (commits == 0) return; // torn within the first open: there was no store yet
        await using (var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = path }, default))
        {
            var held = await store.ReadSegmentsAsync(default).ToListAsync();
            Assert.True(held.Count == commits, $"{where}: {held.Count} of {commits}");
            Assert.Equal(Enumerable.Range(1, commits), held.Select(stored => stored.Segment.Records.Length));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
