using Npgsql;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>The steps of a schema, for people who plan an upgrade, or apply it as another role than the node's. A node that runs on the store stays
/// its owner.</summary>
internal static class PostgresMigrations
{
    /// <summary>What was applied and what is to come. Changes nothing.</summary>
    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="schema">The node's.</param>
    /// <param name="marten">Also the steps of the schema beside it that Marten reads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote the schema.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not let this role in.</exception>
    public static Task<IReadOnlyList<MigrationStep>> PlanAsync(string connectionString, string schema, bool marten, CancellationToken cancellationToken) =>
        WithAsync(connectionString, schema, marten, static (_, _, _, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Applies what is missing; then the same.</summary>
    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="schema">The node's.</param>
    /// <param name="marten">Also makes the schema beside it that Marten reads.</param>
    /// <param name="now">Dates the steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote the schema; or the database cannot serve Marten.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not allow it.</exception>
    public static Task<IReadOnlyList<MigrationStep>> ApplyAsync(
        string connectionString, string schema, bool marten, DateTimeOffset now, CancellationToken cancellationToken) =>
        WithAsync(connectionString, schema, marten, (steps, connection, address, token) => steps.MigrateAsync(connection, address, now, token), cancellationToken);

    private static async Task<IReadOnlyList<MigrationStep>> WithAsync(
        string connectionString,
        string schema,
        bool marten,
        Func<PostgresSchema, NpgsqlConnection, PostgresAddress, CancellationToken, Task> change,
        CancellationToken cancellationToken)
    {
        var log = new PostgresAddress(connectionString, schema);
        var steps = await WithAsync(PostgresSchema.Log, log, "", change, cancellationToken);
        return marten ? [.. steps, .. await WithAsync(PostgresSchema.Marten, log.Marten, "marten/", change, cancellationToken)] : steps;
    }

    private static async Task<IReadOnlyList<MigrationStep>> WithAsync(
        PostgresSchema steps,
        PostgresAddress address,
        string folder,
        Func<PostgresSchema, NpgsqlConnection, PostgresAddress, CancellationToken, Task> change,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(address.Writer);
            await connection.OpenAsync(cancellationToken);
            await steps.CountAppliedAsync(connection, address, cancellationToken); // refuses before anything is changed
            await change(steps, connection, address, cancellationToken);
            var applied = await PostgresSchema.ReadAppliedAsync(connection, address, cancellationToken);
            return [.. steps.Steps.Select((step, i) => new MigrationStep(step.Number, folder + step.Name, step.Checksum.ToString(), applied.ElementAtOrDefault(i).AppliedAt))];
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(address, e);
        }
    }
}
