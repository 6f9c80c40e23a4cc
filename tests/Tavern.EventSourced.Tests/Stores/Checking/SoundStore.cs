using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Stores.Sqlite.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores.Checking;

/// <summary>A database that holds a random history as a node would: the logs of some agents, with receipts for what they heard.</summary>
internal sealed class SoundStore : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-check-");

    private SoundStore(StoreExpectation expected) => Expected = expected;

    public StoreExpectation Expected { get; }

    public string Path => System.IO.Path.Combine(_folder.FullName, "events.db");

    /// <summary>A history in which nobody lost a disk: format 0 delivers first epochs only.</summary>
    public static async Task<SoundStore> MakeAsync(ulong seed, int steps = 60)
    {
        var tavern = HistoryGenerator.Generate(seed, steps);
        for (var next = seed + 1_000; tavern.Segments.Exists(segment => segment.Chain.Epoch > 1); next += 1_000) tavern = HistoryGenerator.Generate(next, steps);
        var hosted = tavern.Agents.Take(3).ToList();
        var store = new SoundStore(new StoreExpectation(tavern.Id!.Value, [.. hosted.Select(agent => agent.Id)], []));
        await using var database = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = store.Path }, default);
        await WriteAsync(database, hosted, new SplitMix64(seed));
        return store;
    }

    /// <summary>What two agents of a tavern hold in which a third one, legolas, has signed four lines; they built on different ones, and heard of
    /// them in different orders.</summary>
    /// <returns>The store; and the segments in it, each on its line.</returns>
    public static async Task<(SoundStore Store, IReadOnlyList<Segment> Segments)> MakeForkedAsync(ulong seed)
    {
        var chains = new TestChains(seed);
        var (gandalf, gandalfSpawn) = chains.Spawn("gandalf");
        var (legolas, legolasSpawn) = chains.Spawn("legolas");
        var fromStart = legolas.Line(3);
        var common = legolas.Next(3);
        var one = legolas.Line(1);
        var (onMain, onOne) = (legolas.Next(2), one.Next());
        var two = one.Line(2);
        Segment[] legolasLines = [common, onMain, onOne, one.Next(2), two.Next(3), legolas.Next(), fromStart.Next(2), fromStart.Next()];
        var jakes = chains.Founder.NextAfter(legolas, one);
        var gandalfs = gandalf.NextAfter(two, fromStart);
        Segment[] common3 = [chains.Founding, gandalfSpawn, legolasSpawn];
        Segment[] jake = [.. common3, .. legolasLines, jakes, gandalfs];
        Segment[] second = [.. common3, legolasLines[6], common, onOne, legolasLines[4], onMain, legolasLines[7], gandalfs, legolasLines[3], legolasLines[5], jakes];

        var (jakeId, gandalfId) = (chains.Founder.Chain.Agent, gandalf.Chain.Agent);
        var store = new SoundStore(new StoreExpectation(chains.Tavern, [jakeId, gandalfId], []));
        await using var database = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = store.Path }, default);
        foreach (var (holder, log) in new[] { (jakeId, jake), (gandalfId, second) })
        {
            var (position, runs, receipts) = (1L, new List<Run>(), new List<Receipt>());
            foreach (var segment in log)
            {
                var own = segment.Chain.Agent == holder;
                if (!own) receipts.Add(new Receipt(holder, receipts.Count + 1, segment.Chain.Agent, 1, DeliveryMode.Network, DateTimeOffset.UnixEpoch.AddDays(1), 100, ReceiptOutcome.Delivered));
                runs.Add(new Run(holder, position, segment.Chain, segment.First, segment.Last, own ? 0 : 1, own ? 0 : receipts.Count));
                position = runs[^1].LastPosition + 1;
            }

            await database.CommitAsync(new StoreBatch { Segments = [.. log.Select(segment => new StoredSegment(segment, Verified: true))], Runs = [.. runs], Receipts = [.. receipts] }, default);
        }

        return (store, jake);
    }

    /// <summary>Another copy of the file, for a test to damage.</summary>
    public string Copy(string name)
    {
        var path = System.IO.Path.Combine(_folder.FullName, name + ".db");
        File.Copy(Path, path, overwrite: true);
        return path;
    }

    /// <summary>An empty file beside it.</summary>
    public string Empty(string name)
    {
        var path = System.IO.Path.Combine(_folder.FullName, name + ".db");
        File.WriteAllBytes(path, []);
        return path;
    }

    public (SqliteCheckResult Result, Findings Findings) Check(string path)
    {
        var findings = new Findings(Findings.DefaultMax);
        return (SqliteCheck.Run(path, Expected, new QuickVerifier(), findings, _ => { }, default), findings);
    }

    /// <summary>Runs SQL as a shell would, constraints off.</summary>
    public static int Run(string path, string sql)
    {
        using var shell = new SqliteConnection($"Data Source={path};Pooling=false");
        shell.Open();
        using var change = shell.CreateCommand();
        change.CommandText = "pragma ignore_check_constraints = on; pragma writable_schema = on;";
        change.ExecuteNonQuery();
        change.CommandText = sql;
        return change.ExecuteNonQuery();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task WriteAsync(SqliteEventStore store, List<TestAgent> hosted, SplitMix64 random)
    {
        foreach (var agent in hosted)
        {
            var (position, receipt, runs) = (1L, 0L, new List<Run>());
            var (receipts, segments) = (new List<Receipt>(), new List<StoredSegment>());
            foreach (var segment in agent.Delivered)
            {
                var own = segment.Chain.Agent == agent.Id;
                var isNew = !own && (receipts.Count == 0 || random.Below(2) == 0);
                if (isNew)
                {
                    if (random.Below(5) == 0)
                        receipts.Add(new Receipt(agent.Id, ++receipt, hosted[0].Id, random.Next(), DeliveryMode.Network, DateTimeOffset.UnixEpoch.AddDays(1), 0, ReceiptOutcome.Unreachable, "no answer", 2));
                    receipts.Add(new Receipt(agent.Id, ++receipt, segment.Chain.Agent, random.Next(), DeliveryMode.Network, DateTimeOffset.UnixEpoch.AddDays(2), 100, ReceiptOutcome.Delivered));
                }

                segments.Add(new StoredSegment(segment, random.Below(2) == 0));
                runs.Add(new Run(agent.Id, position, segment.Chain, segment.First, segment.Last, own ? 0 : 1 + random.Below(3), own ? 0 : receipt));
                position = runs[^1].LastPosition + 1;
            }

            List<IdempotencyEntry> keys = agent.Head.Sequence < 1 ? [] : [new IdempotencyEntry(agent.Id, $"key of {agent.Name}", Hash.Of("asked"u8), agent.Head)];
            await store.CommitAsync(
                new StoreBatch
                {
                    Segments = [.. segments],
                    Runs = [.. runs],
                    Receipts = [.. receipts],
                    IdempotencyEntries = [.. keys],
                    PositionSteps = [new PositionStep(agent.Id, "reader", 0, position / 2, null), new PositionStep(agent.Id, "writer", 0, position - 1, agent.Head.Sequence < 1 ? null : agent.Head)],
                },
                default);
        }
    }

    /// <summary>The counterpart of <see cref="QuickSigner"/>.</summary>
    internal sealed class QuickVerifier : ISignatureVerifier
    {
        public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
            HMACSHA256.HashData(publicKey, content).AsSpan().SequenceEqual(signature);
    }
}
