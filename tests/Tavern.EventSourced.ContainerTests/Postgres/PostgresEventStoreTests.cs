using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Tests.Stores;

namespace Tavern.EventSourced.ContainerTests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresEventStoreTests(PostgresFixture server) : EventStoreConformance
{
    private readonly string _schema = server.NewSchema();

    private protected override async ValueTask<IEventStore> OpenAsync() =>
        await PostgresEventStore.OpenAsync(new PostgresStoreOptions { ConnectionString = await server.ConnectionStringAsync(), Schema = _schema }, default);

    private protected override async ValueTask<IEventStore> ReopenAsync()
    {
        await Store.DisposeAsync();
        return await OpenAsync();
    }
}
