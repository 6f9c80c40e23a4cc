using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.Tests.Stores;

public sealed class SqliteEventStoreTests : EventStoreConformance
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-store-");

    private SqliteStoreOptions Options => new() { Path = Path.Combine(_folder.FullName, "tavern.db"), BusyWait = TimeSpan.Zero };

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private protected override async ValueTask<IEventStore> OpenAsync() => await SqliteEventStore.OpenAsync(Options, default);

    private protected override async ValueTask<IEventStore> ReopenAsync()
    {
        await Store.DisposeAsync();
        return await OpenAsync();
    }
}
