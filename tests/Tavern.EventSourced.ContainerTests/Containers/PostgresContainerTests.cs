using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Tests.Stores;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>The store in a server as most people run it: in a container, over TCP, with a password.</summary>
[Collection(ContainersCollection.Name)]
public sealed class PostgresContainerTests(PostgresContainer server) : EventStoreConformance, IClassFixture<PostgresContainer>
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
