using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>Brings a schema to what this version reads, forward only, or refuses it.</summary>
/// <param name="steps">All steps this version knows, by number.</param>
internal sealed class PostgresSchema(ImmutableArray<StoreMigration> steps)
{
    private const int LockSpace = 0x5456524E; // "TVRN": keeps our advisory locks apart from other programs'

    /// <summary>A node's own: its log.</summary>
    public static PostgresSchema Log { get; } = new(StoreMigration.Load("postgres"));

    /// <summary>The log in the shape that Marten reads, in a schema beside the node's (<see cref="PostgresAddress.Marten"/>). Made on request only.</summary>
    public static PostgresSchema Marten { get; } = new(StoreMigration.Load("marten"));

    /// <summary>All steps this version knows, by number.</summary>
    public ImmutableArray<StoreMigration> Steps { get; } = steps;

    /// <summary>Applies what is missing, in one transaction, under a lock that keeps other processes from doing the same. Without anything to
    /// apply it changes nothing and needs no right to.</summary>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote the schema, or a step is not what it was.</exception>
    public async Task MigrateAsync(NpgsqlConnection connection, PostgresAddress address, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await CountAppliedAsync(connection, address, cancellationToken) == Steps.Length) return;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({LockSpace}, hashtext('{address.Schema}'))", cancellationToken);
        var applied = await CountAppliedAsync(connection, address, cancellationToken); // another process may have done it meanwhile
        if (applied == 0)
        {
            // Only when missing: "if not exists" asks for the right to create schemas even where there is nothing to create.
            if (!await ExistsAsync(connection, $"select 1 from pg_namespace where nspname = '{address.Schema}'", cancellationToken))
                await ExecuteAsync(connection, $"create schema {address.Schema}", cancellationToken);
            await ExecuteAsync(
                connection,
                $"create table {address.Schema}.migrations (number integer primary key, name text not null, checksum text not null, applied_at text not null)",
                cancellationToken);
        }

        foreach (var migration in Steps.Skip(applied))
        {
            await ExecuteAsync(connection, migration.Script, cancellationToken);
            await using var note = new NpgsqlCommand($"insert into {address.Schema}.migrations (number, name, checksum, applied_at) values ($1, $2, $3, $4)", connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<int> { TypedValue = migration.Number },
                    new NpgsqlParameter<string> { TypedValue = migration.Name },
                    new NpgsqlParameter<string> { TypedValue = migration.Checksum.ToString() },
                    new NpgsqlParameter<string> { TypedValue = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) },
                },
            };
            await note.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Refuses a schema that cannot be read as it is.</summary>
    /// <exception cref="StoreRefusedException">There is none, or it is not this version's.</exception>
    public async Task RequireCurrentAsync(NpgsqlConnection connection, PostgresAddress address, CancellationToken cancellationToken)
    {
        var applied = await CountAppliedAsync(connection, address, cancellationToken);
        if (applied == Steps.Length) return;
        throw new StoreRefusedException(applied == 0
            ? $"There is no store at {address}. Name the store of a node that has run, or found a tavern first."
            : $"{address} is at step {applied}; this version reads step {Steps.Length}. Start its node once, or tavern migrate --apply: that brings it up to date.");
    }

    /// <summary>How many of the known steps were applied; 0 for a schema that is missing or empty.</summary>
    /// <exception cref="StoreRefusedException">Others were, too; or the schema is another program's.</exception>
    public async Task<int> CountAppliedAsync(NpgsqlConnection connection, PostgresAddress address, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var (number, name, checksum, _) in await ReadAppliedAsync(connection, address, cancellationToken))
        {
            var known = Steps.ElementAtOrDefault(count);
            if (known is null || known.Number != number)
                throw new StoreRefusedException(
                    $"{address} was written by another version: it holds step {name}, this version knows steps up to {Steps[^1].Name}. Start a version that knows it; a schema never goes back.");
            if (known.Checksum.ToString() != checksum)
                throw new StoreRefusedException(
                    $"{address} holds a step {name} with the checksum {checksum}; the {known.Name} of this version has {known.Checksum}. A released step never changes: start the version that applied it.");
            count++;
        }

        return count;
    }

    /// <summary>The steps that were applied, by number.</summary>
    /// <exception cref="StoreRefusedException">The schema is another program's.</exception>
    public static async Task<IReadOnlyList<(int Number, string Name, string Checksum, string AppliedAt)>> ReadAppliedAsync(
        NpgsqlConnection connection, PostgresAddress address, CancellationToken cancellationToken)
    {
        // Both asked in one statement: between two, another process may make the tables.
        const string Names = "select bool_or(relname = 'migrations') from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1)";
        await using (var look = new NpgsqlCommand(Names, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = address.Schema } } })
        {
            var ours = await look.ExecuteScalarAsync(cancellationToken) as bool?;
            if (ours is null) return []; // no schema, or an empty one
            if (ours is false) throw new StoreRefusedException($"{address} holds tables of another program. Name another schema with Search Path=NAME.");
        }

        List<(int, string, string, string)> applied = [];
        await using var command = new NpgsqlCommand($"select number, name, checksum, applied_at from {address.Schema}.migrations order by number", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken)) applied.Add((rows.GetInt32(0), rows.GetString(1), rows.GetString(2), rows.GetString(3)));
        return applied;
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string question, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(question, connection);
        return await command.ExecuteScalarAsync(cancellationToken) is not (null or DBNull);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string script, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(script, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
