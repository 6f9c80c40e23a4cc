using System.Collections.Concurrent;
using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Processes;

public class KilledNodesTests
{
    private const int Events = 10_000;
    private const int Kills = 20;
    private const int WritersPerNode = 16;

    private static readonly string[] Names = ["jake", "gandalf", "legolas", "frodo", "gimli"];

    [Fact]
    public async Task Twenty_kills_lose_no_acknowledged_event_and_use_no_sequence_twice()
    {
        var seed = (ulong)Environment.TickCount64;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        await using var tavern = await TavernOfProcesses.StartAsync(Names);
        var acknowledged = new ConcurrentDictionary<string, string>(); // text -> event id
        var progress = new Progress();

        var killer = KillAsync(tavern, progress, new SplitMix64(seed), deadline.Token);
        await Task.WhenAll(Enumerable.Range(0, Names.Length).SelectMany(number => Write(tavern, number, acknowledged, progress, deadline.Token)));
        var killed = await killer;
        await tavern.UntilConvergedAsync(deadline.Token);
        var views = new List<string>();
        foreach (var member in tavern.Members) views.Add((await member.SendAsync(new GetState(member.Name), deadline.Token)).ViewHash);
        await tavern.StopAsync();

        Assert.True(killed.All(count => count >= 2) && killed.Sum() == Kills, $"seed {seed}: kills per node {string.Join(", ", killed)}");
        Assert.Equal(Events, acknowledged.Count);
        Assert.Single(views.Distinct());
        var logs = new List<IReadOnlyDictionary<EventId, Hash>>();
        foreach (var member in tavern.Members) logs.Add(await VerifyAsync(Path.Combine(member.Data, "events.db"), acknowledged, seed));
        foreach (var log in logs) Assert.True(log.Count == logs[0].Count && !log.Except(logs[0]).Any(), $"seed {seed}: nodes hold different events");
    }

    /// <summary>Sixteen writers share the node's events; each repeats what was not acknowledged, under the same key.</summary>
    private static IEnumerable<Task> Write(
        TavernOfProcesses tavern, int number, ConcurrentDictionary<string, string> acknowledged, Progress progress, CancellationToken cancellationToken)
    {
        var next = 0;
        return Enumerable.Range(0, WritersPerNode).Select(async _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) <= Events / Names.Length;)
            {
                var text = $"{Names[number]} {i}";
                var payload = JsonSerializer.SerializeToElement(new { text });
                var write = new WriteEvent(Names[number], nameof(DiscoveryShared), payload) { IdempotencyKey = text };
                var written = await tavern.SendAsync(number, write, cancellationToken);
                Assert.True(acknowledged.TryAdd(text, written.Event.Id), $"{text} was acknowledged twice");
                progress.Add();
            }
        });
    }

    /// <summary>Kills a node each time so many more events were acknowledged, each of the five four times, in random order.</summary>
    private static async Task<int[]> KillAsync(TavernOfProcesses tavern, Progress progress, SplitMix64 random, CancellationToken cancellationToken)
    {
        var order = Enumerable.Range(0, Kills).Select(kill => kill % Names.Length).ToArray();
        random.Shuffle<int>(order);
        var killed = new int[Names.Length];
        for (var kill = 0; kill < Kills; kill++)
        {
            await progress.ReachAsync((kill + 1) * Events / (Kills + 2), cancellationToken);
            await tavern.KillAsync(order[kill]);
            killed[order[kill]]++;
            await tavern.StartAsync(order[kill]);
        }

        return killed;
    }

    /// <summary>Reads a node's database as it lies there: every text once, every acknowledged event in its place. Returns the hash of every record.</summary>
    private static async Task<IReadOnlyDictionary<EventId, Hash>> VerifyAsync(string database, ConcurrentDictionary<string, string> acknowledged, ulong seed)
    {
        var where = $"seed {seed}, {database}";
        await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = database, Owner = "test", ReadOnly = true }, CancellationToken.None);
        using var verifier = new EcdsaVerifier();
        var held = await StoredRecords.ReadAsync(store, verifier, where);
        Assert.True(held.Repeated.Count == 0, $"{where}: the texts of {string.Join(", ", held.Repeated)} were written before");
        foreach (var (text, id) in acknowledged)
            Assert.True(held.Texts.TryGetValue(text, out var at) && at.ToString() == id, $"{where}: '{text}' was acknowledged as {id} and is at {at}");
        Assert.Equal(acknowledged.Count, held.Texts.Count);
        await foreach (var holder in store.ReadHoldersAsync(CancellationToken.None)) await LogCheck.VerifyAsync(store, holder, acknowledged.Values, where);
        return held.Hashes;
    }

    /// <summary>Counts acknowledgements and wakes who waits for a number of them.</summary>
    private sealed class Progress
    {
        private readonly object _gate = new();
        private (int Count, TaskCompletionSource Reached)? _waiting;
        private int _count;

        public void Add()
        {
            lock (_gate)
            {
                _count++;
                if (_waiting is { } waiting && _count >= waiting.Count) waiting.Reached.TrySetResult();
            }
        }

        public Task ReachAsync(int count, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                if (_count >= count) return Task.CompletedTask;
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting = (count, reached);
                return reached.Task.WaitAsync(cancellationToken);
            }
        }
    }
}
