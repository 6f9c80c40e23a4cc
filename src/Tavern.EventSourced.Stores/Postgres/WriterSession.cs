using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>One connection that writes, with the token it holds and what it remembers. When anything goes wrong with it, it is closed and another
/// one takes over with a higher token: what the broken one may still be doing at the server either is seen by the new one or comes to nothing.</summary>
internal sealed class WriterSession : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private long _lastPosition;
    private long _delivered; // places in all logs
    private (int Line, int Log) _lastKeys;
    private HeldLines _lines;
    private HeldLogs _logs;

    private WriterSession(NpgsqlConnection connection, long token, long lastPosition, long delivered, (int Line, int Log) lastKeys)
    {
        (_connection, Token, _lastPosition, _delivered, _lastKeys) = (connection, token, lastPosition, delivered, lastKeys);
        (_lines, _logs) = (new HeldLines(connection, lastKeys.Line), new HeldLogs(connection, lastKeys.Log));
    }

    /// <summary>What the owner's row says while the store is ours.</summary>
    public long Token { get; }

    /// <summary>Events that were committed, and places in logs: it only grows, so a server that has fewer went back.</summary>
    public long Written => _lastPosition + _delivered;

    /// <summary>The token of the owner now; 0 when there is none.</summary>
    public static async Task<long> TokenAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select token from owner", connection);
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }

    /// <summary>Becomes the owner.</summary>
    /// <param name="connection">Open; the session closes it.</param>
    /// <param name="address">For messages.</param>
    /// <param name="holder">Who the owner is, for people.</param>
    /// <param name="process">Drawn by this process, 16 bytes.</param>
    /// <param name="isFirst">True for the first session of the process, which takes over from anybody; the others only from their own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreFencedException">Another process took over since.</exception>
    /// <exception cref="StoreRefusedException">The server would not keep what it acknowledges.</exception>
    public static async Task<WriterSession> TakeOverAsync(
        NpgsqlConnection connection, PostgresAddress address, string holder, byte[] process, bool isFirst, CancellationToken cancellationToken)
    {
        await PostgresDurability.RequireAsync(connection, address, cancellationToken);
        // Waits for a commit that a broken connection left under way; one that comes later finds another token.
        await using var command = new NpgsqlCommand(
            isFirst
                ? """
                  insert into owner (id, token, process, description) values (1, 1, $1, $2)
                  on conflict (id) do update set token = owner.token + 1, process = excluded.process, description = excluded.description
                  returning token
                  """
                : "update owner set token = token + 1, description = $2 where process = $1 returning token",
            connection)
        {
            Parameters = { new NpgsqlParameter<byte[]> { TypedValue = process }, new NpgsqlParameter<string> { TypedValue = holder } },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is not long token)
            throw PostgresErrors.Fenced(address, await OwnerAsync(connection, cancellationToken));
        return await BeginAsync(connection, token, cancellationToken);
    }

    /// <summary>Makes a batch durable, or changes nothing.</summary>
    public async Task CommitAsync(StoreBatch batch)
    {
        var plan = new CommitPlan(_lines, _logs, _lastPosition);
        try
        {
            await plan.AddAsync(batch);
        }
        catch (StoreConflictException)
        {
            (_lines, _logs) = (new HeldLines(_connection, _lastKeys.Line), new HeldLogs(_connection, _lastKeys.Log));
            throw;
        }

        await plan.Rows.WriteAsync(_connection, Token);
        plan.Written();
        (_lastPosition, _delivered, _lastKeys) = (plan.LastPosition, _delivered + plan.Delivered, (_lines.LastKey, _logs.LastKey));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<WriterSession> BeginAsync(NpgsqlConnection connection, long token, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select coalesce((select max(position) from events), 0), coalesce((select max(chain) from chains), 0), coalesce((select max(holder) from holders), 0),
              coalesce((select sum((select position + last - first from runs where holder = h.holder order by position desc limit 1)) from holders h), 0)::bigint
            """,
            connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return new WriterSession(connection, token, rows.GetInt64(0), rows.GetInt64(3), (rows.GetInt32(1), rows.GetInt32(2)));
    }

    private static async Task<string> OwnerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select description from owner", connection);
        return await command.ExecuteScalarAsync(cancellationToken) as string ?? "nobody";
    }
}
