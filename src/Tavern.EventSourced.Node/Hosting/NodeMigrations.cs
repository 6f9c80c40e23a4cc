using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Migrations;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The schema of a data folder's store: what was applied, what is to come. A node brings its store up to date at its start; this is for
/// people who want to see it first, or may do it only as another role.</summary>
public static class NodeMigrations
{
    /// <summary>The steps of the store, by number. Changes nothing.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="store">The server, when it is to be reached in another way than the folder says; null: as it says.</param>
    /// <param name="marten">Also those of the schema beside a server's that Marten reads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote it; or Marten is asked for and the log is in the folder.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be reached now.</exception>
    public static async Task<IReadOnlyList<MigrationStep>> PlanAsync(string dataFolder, StoreFile? store, bool marten, CancellationToken cancellationToken) =>
        (store ?? StoreFile.Find(dataFolder)) is { } remote
            ? await PostgresMigrations.PlanAsync(remote.Connection, remote.Schema, marten, cancellationToken).ConfigureAwait(false)
            : SqliteMigrations.Plan(PathIn(dataFolder, marten));

    /// <summary>Applies what is missing; then the same. A database in the folder must not be in use; a server takes care of that itself.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="store">As above.</param>
    /// <param name="marten">As above.</param>
    /// <param name="time">Dates the steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">As above; or a node runs on the folder; or the database cannot serve Marten.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be reached now.</exception>
    public static async Task<IReadOnlyList<MigrationStep>> ApplyAsync(string dataFolder, StoreFile? store, bool marten, TimeProvider time, CancellationToken cancellationToken)
    {
        if ((store ?? StoreFile.Find(dataFolder)) is { } remote)
            return await PostgresMigrations.ApplyAsync(remote.Connection, remote.Schema, marten, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        var path = PathIn(dataFolder, marten);
        if (NodeStore.Exists(dataFolder))
        {
            var opened = await NodeStore.OpenAsync(dataFolder, readOnly: false, mustExist: true, "tavern migrate", time, cancellationToken).ConfigureAwait(false);
            await opened.DisposeAsync().ConfigureAwait(false);
        }

        return SqliteMigrations.Plan(path);
    }

    private static string PathIn(string dataFolder, bool marten) => marten
        ? throw new StoreRefusedException($"Marten reads PostgreSQL; the log of {dataFolder} is in {NodeStore.PathIn(dataFolder)}. A log stays in the kind of store where it began; tavern init or tavern join --store begin one in a server.")
        : NodeStore.PathIn(dataFolder);
}
