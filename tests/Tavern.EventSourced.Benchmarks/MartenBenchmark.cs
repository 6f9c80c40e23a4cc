using Tavern.EventSourced.Events;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>What the views in Marten's shape cost a node's commits: two indexes, and the clock of each segment whose writer had heard something.</summary>
internal static class MartenBenchmark
{
    private const int Agents = 8;
    private const int Commits = 50;
    private const int RecordsPerSegment = 5;

    public static async Task RunAsync(string connectionString)
    {
        await using var plain = await OpenAsync("bench_plain");
        await using var viewed = await OpenAsync("bench_viewed");
        await NodeMigrations.ApplyAsync("", StoreFile.Parse($"{connectionString};Search Path=bench_viewed", "bench"), marten: true, TimeProvider.System, default);
        var (toPlain, toViewed) = (new Writers(plain), new Writers(viewed));
        await Comparison.RunAsync(
            $"PostgreSQL: commits of {Agents} agents that have heard each other, {RecordsPerSegment} events each",
            ("without views", toPlain.CommitAsync),
            ("with Marten's", toViewed.CommitAsync));

        async Task<IEventStore> OpenAsync(string schema) => await PostgresEventStore.OpenAsync(new() { ConnectionString = connectionString, Schema = schema }, default);
    }

    /// <summary>Agents of one log, each of which hears all others before every segment.</summary>
    private sealed class Writers
    {
        private readonly IEventStore _store;
        private readonly TestChains _chains = new(seed: 1);
        private readonly List<TestAuthor> _authors;

        public Writers(IEventStore store)
        {
            _store = store;
            _authors = [.. Enumerable.Range(0, Agents).Select(_ => _chains.Author())];
        }

        public async Task<int> CommitAsync()
        {
            for (var i = 0; i < Commits; i++)
            {
                List<Segment> segments = [];
                foreach (var author in _authors) segments.Add(author.NextAfter(_authors, RecordsPerSegment));
                await _store.CommitAsync(new StoreBatch { Segments = [.. segments.Select(segment => new StoredSegment(segment, Verified: true))] }, default);
            }

            return Commits * Agents * RecordsPerSegment;
        }
    }
}
