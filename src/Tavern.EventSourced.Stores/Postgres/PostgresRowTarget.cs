using System.Text;
using Npgsql;
using NpgsqlTypes;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>An empty schema that is filled in one transaction, table by table with COPY.</summary>
internal sealed class PostgresRowTarget : IRowTarget
{
    private const NpgsqlDbType Integer = NpgsqlDbType.Integer;
    private const NpgsqlDbType Bigint = NpgsqlDbType.Bigint;
    private const NpgsqlDbType Bytea = NpgsqlDbType.Bytea;

    private readonly PostgresAddress _address;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly byte[] _process;
    private readonly string _owner;
    private NpgsqlBinaryImporter? _table;
    private Type? _tableOf;

    private PostgresRowTarget(PostgresAddress address, NpgsqlConnection connection, NpgsqlTransaction transaction, byte[] process, string owner) =>
        (_address, _connection, _transaction, _process, _owner) = (address, connection, transaction, process, owner);

    /// <summary>Begins to fill a schema, which is made when it is missing. Null when it holds these very rows already: an earlier attempt got as far as that.</summary>
    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="source">Names what the rows come from, 16 bytes.</param>
    /// <param name="owner">Who made it, for people.</param>
    /// <param name="now">Dates the steps of its schema.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">It holds a log, is another program's, or the server would not keep what it acknowledges.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not allow it now.</exception>
    public static async Task<PostgresRowTarget?> BeginAsync(
        string connectionString, string schema, byte[] source, string owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var address = new PostgresAddress(connectionString, schema);
        var connection = new NpgsqlConnection(address.Writer);
        var isBegun = false;
        try
        {
            await connection.OpenAsync(cancellationToken);
            await PostgresDurability.RequireAsync(connection, address, cancellationToken);
            await PostgresSchema.Log.MigrateAsync(connection, address, now, cancellationToken);
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using (var alone = new NpgsqlCommand("lock table owner in exclusive mode", connection)) await alone.ExecuteNonQueryAsync(cancellationToken);
            await using var look = new NpgsqlCommand("select process from owner", connection);
            if (await look.ExecuteScalarAsync(cancellationToken) is byte[] process)
                return process.AsSpan().SequenceEqual(source)
                    ? null
                    : throw new StoreRefusedException($"{address} holds a node's log; a backup is restored into a schema without one. Name another with Search Path=NAME, or none: then it gets a name of its own.");
            isBegun = true;
            return new PostgresRowTarget(address, connection, transaction, source, owner);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(address, e);
        }
        finally
        {
            if (!isBegun) await connection.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(StoredRow row, CancellationToken cancellationToken)
    {
        try
        {
            if (_tableOf != row.GetType())
            {
                await EndTableAsync(cancellationToken);
                (_table, _tableOf) = (await _connection.BeginBinaryImportAsync($"copy {ColumnsOf(row)} from stdin (format binary)", cancellationToken), row.GetType());
            }

            await _table!.StartRowAsync(cancellationToken);
            foreach (var (value, type) in ValuesOf(row))
                if (value is null) await _table.WriteNullAsync(cancellationToken);
                else await _table.WriteAsync(value, type, cancellationToken);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(_address, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EndTableAsync(cancellationToken);
            await using var owner = new NpgsqlCommand("insert into owner (id, token, process, description) values (1, 1, $1, $2)", _connection)
            {
                Parameters = { new NpgsqlParameter<byte[]> { TypedValue = _process }, new NpgsqlParameter<string> { TypedValue = _owner } },
            };
            await owner.ExecuteNonQueryAsync(cancellationToken);
            await _transaction.CommitAsync(cancellationToken);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(_address, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_table is not null) await _table.DisposeAsync(); // cancels what was not completed
        await _connection.DisposeAsync();
    }

    private async Task EndTableAsync(CancellationToken cancellationToken)
    {
        if (_table is null) return;
        await _table.CompleteAsync(cancellationToken);
        await _table.DisposeAsync();
        _table = null;
    }

    private static string ColumnsOf(StoredRow row) => row switch
    {
        StoredRow.Chain => "chains (chain, agent, epoch, branch)",
        StoredRow.Holder => "holders (holder, agent)",
        StoredRow.Event => "events (position, chain, sequence, verified, hash, signature, header, payload, alias, at, json_ok)",
        StoredRow.Segment => "segments (chain, first, last, position)",
        StoredRow.Receipt => "receipts (holder, number, peer, exchange, mode, at, bytes, outcome, detail, count)",
        StoredRow.Run => "runs (holder, position, chain, first, last, hop, receipt)",
        StoredRow.Idempotency => "idempotency (holder, key, request_hash, chain, sequence)",
        _ => "positions (holder, subscription, position, chain, sequence)",
    };

    private static (object? Value, NpgsqlDbType Type)[] ValuesOf(StoredRow row) => row switch
    {
        StoredRow.Chain chain => [Int(chain.Key), Blob(chain.Agent), Int(chain.Epoch), Int(chain.Branch)],
        StoredRow.Holder holder => [Int(holder.Key), Blob(holder.Agent)],
        StoredRow.Event record =>
        [
            Long(record.Position), Int(record.ChainKey), Long(record.Sequence), (record.Verified != 0, NpgsqlDbType.Boolean), Blob(record.Hash), Blob(record.Signature),
            Blob(record.Header), Blob(record.Payload), .. Plain(PlainColumns.Of(EventHeader.Decode(record.Header.Span), record.Payload.Span)),
        ],
        StoredRow.Segment segment => [Int(segment.ChainKey), Long(segment.First), Long(segment.Last), Long(segment.Position)],
        StoredRow.Receipt receipt =>
        [
            Int(receipt.HolderKey), Long(receipt.Number), Blob(receipt.Peer), Long(receipt.Exchange), Int(receipt.Mode), Long(receipt.At), Int(receipt.Bytes), Int(receipt.Outcome),
            Text(receipt.Detail), Long(receipt.Count),
        ],
        StoredRow.Run run => [Int(run.HolderKey), Long(run.Position), Int(run.ChainKey), Long(run.First), Long(run.Last), Int(run.Hop), Long(run.ReceiptNumber)],
        StoredRow.Idempotency entry => [Int(entry.HolderKey), Text(entry.Key), Blob(entry.RequestHash), Int(entry.ChainKey), Long(entry.Sequence)],
        StoredRow.Subscription position =>
            [Int(position.HolderKey), Text(position.Name), Long(position.At), (position.ChainKey is { } key ? (int)key : null, Integer), (position.Sequence, Bigint)],
        _ => throw new InvalidOperationException($"{row.GetType()} is no row."),
    };

    private static (object?, NpgsqlDbType)[] Plain(PlainColumns columns) =>
        [(columns.Alias, Bytea), (columns.At, NpgsqlDbType.TimestampTz), (columns.Json, NpgsqlDbType.Boolean)];

    private static (object?, NpgsqlDbType) Int(long value) => (checked((int)value), Integer);

    private static (object?, NpgsqlDbType) Long(long value) => (value, Bigint);

    private static (object?, NpgsqlDbType) Blob(ReadOnlyMemory<byte>? value) => (value?.ToArray(), Bytea);

    private static (object?, NpgsqlDbType) Text(string? value) => (value is null ? null : Encoding.UTF8.GetBytes(value), Bytea);
}
