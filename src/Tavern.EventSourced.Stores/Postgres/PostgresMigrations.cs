using Npgsql;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>The steps of a schema, for people who plan an upgrade, or apply it as another role than the node's. A node that runs on the store stays
/// its owner.</summary>
internal static class PostgresMigrations
{
    /// <summary>What was applied and what is to come. Changes nothing.</summary>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote the schema.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not let this role in.</exception>
    public static Task<IReadOnlyList<MigrationStep>> PlanAsync(string connectionString, string schema, CancellationToken cancellationToken) =>
        WithAsync(connectionString, schema, static (_, _, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Applies what is missing; then the same.</summary>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote the schema.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not allow it.</exception>
    public static Task<IReadOnlyList<MigrationStep>> ApplyAsync(string connectionString, string schema, DateTimeOffset now, CancellationToken cancellationToken) =>
        WithAsync(connectionString, schema, (connection, address, token) => PostgresSchema.MigrateAsync(connection, address, now, token), cancellationToken);

    private static async Task<IReadOnlyList<MigrationStep>> WithAsync(
        string connectionString, string schema, Func<NpgsqlConnection, PostgresAddress, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        var address = new PostgresAddress(connectionString, schema);
        try
        {
            await using var connection = new NpgsqlConnection(address.Writer);
            await connection.OpenAsync(cancellationToken);
            await PostgresSchema.CountAppliedAsync(connection, address, cancellationToken); // refuses before anything is changed
            await change(connection, address, cancellationToken);
            var applied = await PostgresSchema.ReadAppliedAsync(connection, address, cancellationToken);
            return [.. PostgresSchema.All.Select((step, i) => new MigrationStep(step.Number, step.Name, step.Checksum.ToString(), applied.ElementAtOrDefault(i).AppliedAt))];
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(address, e);
        }
    }
}
