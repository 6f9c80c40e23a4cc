using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>A schema as of one moment: one reading transaction at repeatable read, which keeps nobody from writing. Rows stream from the server.</summary>
internal sealed class PostgresSnapshot : IStoreSnapshot
{
    private const int AnswerSecondsMax = 600; // a sort of many rows on a busy server; a server that is gone is noticed at once

    private readonly PostgresAddress _address;
    private readonly NpgsqlConnection _connection;

    private PostgresSnapshot(PostgresAddress address, NpgsqlConnection connection, long events) => (_address, _connection, Events) = (address, connection, events);

    /// <inheritdoc/>
    public long Events { get; }

    /// <summary>Opens one.</summary>
    /// <exception cref="StoreRefusedException">There is no store, or it is from another version.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not allow it now.</exception>
    public static async Task<PostgresSnapshot> OpenAsync(string connectionString, string schema, CancellationToken cancellationToken)
    {
        var address = new PostgresAddress(connectionString, schema);
        var connection = new NpgsqlConnection(address.Writer);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using (var begin = new NpgsqlCommand("begin isolation level repeatable read read only", connection)) await begin.ExecuteNonQueryAsync(cancellationToken);
            await PostgresSchema.Log.RequireCurrentAsync(connection, address, cancellationToken); // the first read: from here on this is the moment
            await using var count = new NpgsqlCommand("select coalesce(max(position), 0) from events", connection);
            return new PostgresSnapshot(address, connection, (long)(await count.ExecuteScalarAsync(cancellationToken))!);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (PostgresErrors.IsFailure(e)) throw PostgresErrors.ToException(address, e);
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredRow> ReadRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerable<StoredRow>[] tables =
        [
            TableAsync("chain, agent, epoch, branch from chains order by chain", row => new StoredRow.Chain(row.GetInt32(0), Bytes(row, 1), row.GetInt32(2), row.GetInt32(3)), cancellationToken),
            TableAsync("holder, agent from holders order by holder", row => new StoredRow.Holder(row.GetInt32(0), Bytes(row, 1)), cancellationToken),
            TableAsync("position, chain, sequence, verified, hash, signature, header, payload from events order by position", EventOf, cancellationToken),
            TableAsync(
                "chain, first, last, position from segments order by chain, last",
                row => new StoredRow.Segment(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), cancellationToken),
            TableAsync("holder, number, peer, exchange, mode, at, bytes, outcome, detail, count from receipts order by holder, number", ReceiptOf, cancellationToken),
            TableAsync(
                "holder, position, chain, first, last, hop, receipt from runs order by holder, position",
                row => new StoredRow.Run(row.GetInt32(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), row.GetInt32(5), row.GetInt64(6)), cancellationToken),
            TableAsync(
                "holder, key, request_hash, chain, sequence from idempotency order by holder, key",
                row => new StoredRow.Idempotency(row.GetInt32(0), Text(row, 1), Bytes(row, 2), row.GetInt32(3), row.GetInt64(4)), cancellationToken),
            TableAsync(
                "holder, subscription, position, chain, sequence from positions order by holder, subscription",
                row => new StoredRow.Subscription(row.GetInt32(0), Text(row, 1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt32(3), row.IsDBNull(4) ? null : row.GetInt64(4)),
                cancellationToken),
        ];
        foreach (var table in tables)
            await foreach (var row in table) yield return row;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async IAsyncEnumerable<StoredRow> TableAsync(string columns, Func<NpgsqlDataReader, StoredRow> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select " + columns, _connection) { CommandTimeout = AnswerSecondsMax };
        await using var rows = await GuardedAsync(() => command.ExecuteReaderAsync(cancellationToken));
        while (await GuardedAsync(() => rows.ReadAsync(cancellationToken))) yield return read(rows);
    }

    private async Task<T> GuardedAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            var failure = PostgresErrors.ToException(_address, e);
            throw PostgresErrors.IsDamage(e) ? new StoreRefusedException(failure.Message, e) { IsDamaged = true } : failure;
        }
    }

    private static StoredRow.Event EventOf(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetInt32(1), row.GetInt64(2), row.GetBoolean(3) ? 1 : 0, Bytes(row, 4), row.IsDBNull(5) ? (ReadOnlyMemory<byte>?)null : Bytes(row, 5), Bytes(row, 6),
        Bytes(row, 7));

    private static StoredRow.Receipt ReceiptOf(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetInt64(1), Bytes(row, 2), row.GetInt64(3), row.GetInt32(4), row.GetInt64(5), row.GetInt32(6), row.GetInt32(7), row.IsDBNull(8) ? null : Text(row, 8),
        row.GetInt64(9));

    private static ReadOnlyMemory<byte> Bytes(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    private static string Text(NpgsqlDataReader row, int column) => Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));
}
