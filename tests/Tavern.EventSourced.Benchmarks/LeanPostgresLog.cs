using Npgsql;
using NpgsqlTypes;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>The floor: the leanest durable log in PostgreSQL. One table, one key, the bytes; one transaction a batch. One connection per writer.</summary>
internal sealed class LeanPostgresLog : IAsyncDisposable
{
    private readonly NpgsqlConnection[] _connections;
    private readonly string _table;
    private long _sequence;

    private LeanPostgresLog(NpgsqlConnection[] connections, string table) => (_connections, _table) = (connections, table);

    public static async Task<LeanPostgresLog> OpenAsync(string connectionString, int writers)
    {
        var connections = Enumerable.Range(0, writers).Select(_ => new NpgsqlConnection(connectionString)).ToArray();
        foreach (var connection in connections) await connection.OpenAsync();
        var log = new LeanPostgresLog(connections, $"lean_{Environment.ProcessId}_{writers}");
        await log.ExecuteAsync($"drop table if exists {log._table}; create table {log._table} (sequence bigint primary key, body bytea not null)");
        return log;
    }

    /// <summary>Appends bodies by binary COPY in one transaction: one sync, three round trips.</summary>
    public async Task CopyAsync(int writer, IReadOnlyList<byte[]> bodies)
    {
        await using var transaction = await _connections[writer].BeginTransactionAsync();
        await using (var copy = await _connections[writer].BeginBinaryImportAsync($"copy {_table} from stdin binary"))
        {
            foreach (var body in bodies)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(Interlocked.Increment(ref _sequence), NpgsqlDbType.Bigint);
                await copy.WriteAsync(body, NpgsqlDbType.Bytea);
            }

            await copy.CompleteAsync();
        }

        await transaction.CommitAsync();
    }

    /// <summary>Appends bodies by one insert from arrays, which is its own transaction: one sync, one round trip.</summary>
    public async Task UnnestAsync(int writer, IReadOnlyList<byte[]> bodies)
    {
        var sequences = bodies.Select(_ => Interlocked.Increment(ref _sequence)).ToArray();
        await using var insert = new NpgsqlCommand($"insert into {_table} select * from unnest($1, $2)", _connections[writer]);
        insert.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = sequences });
        insert.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. bodies] });
        await insert.ExecuteNonQueryAsync();
    }

    /// <summary>All bodies in order.</summary>
    public async IAsyncEnumerable<byte[]> ReadAsync()
    {
        await using var select = new NpgsqlCommand($"select body from {_table} order by sequence", _connections[0]);
        await using var rows = await select.ExecuteReaderAsync();
        while (await rows.ReadAsync()) yield return rows.GetFieldValue<byte[]>(0);
    }

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync($"drop table {_table}");
        foreach (var connection in _connections) await connection.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connections[0]);
        await command.ExecuteNonQueryAsync();
    }
}
