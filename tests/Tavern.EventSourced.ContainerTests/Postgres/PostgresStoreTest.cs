using Tavern.EventSourced.Events;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>What tests of single stores share: a schema of their own, chains, and a look into the tables.</summary>
[Collection(PostgresCollection.Name)]
public abstract class PostgresStoreTest(PostgresFixture server)
{
    private protected PostgresFixture Server { get; } = server;

    private protected string Schema { get; } = server.NewSchema();

    private protected TestChains Chains { get; } = new(seed: 5);

    private protected async Task<PostgresStoreOptions> OptionsAsync(string more = "") =>
        new() { ConnectionString = await Server.ConnectionStringAsync() + more, Schema = Schema, Owner = "the first node" };

    private protected async Task<PostgresEventStore> OpenAsync(PostgresStoreOptions? options = null) =>
        await PostgresEventStore.OpenAsync(options ?? await OptionsAsync(), default);

    private protected static StoreBatch Batch(params Segment[] segments) => new() { Segments = [.. segments.Select(segment => new StoredSegment(segment, Verified: true))] };

    private protected async Task<object?> AskAsync(string sql) => await PostgresServer.AskAsync(await Server.ConnectionStringAsync() + $";Search Path={Schema}", sql);

    /// <summary>Ends every connection of the store under test, as an administrator does.</summary>
    private protected async Task<object?> TerminateAsync() =>
        await AskAsync("select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity where application_name = 'tavern' and pid <> pg_backend_pid()");

    private protected static async Task<StoreRefusedException> RefusedAsync(PostgresStoreOptions options, string because)
    {
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(async () => await PostgresEventStore.OpenAsync(options, default));
        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }
}
