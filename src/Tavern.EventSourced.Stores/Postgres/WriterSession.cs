using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>One connection that writes, with the token it holds and what it remembers. When anything goes wrong with it, it is closed and another
/// one takes over with a higher token: what the broken one may still be doing at the server either is seen by the new one or comes to nothing.</summary>
internal sealed class WriterSession : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private (int Line, int Log) _lastKeys;
    private HeldLines _lines;
    private HeldLogs _logs;

    private WriterSession(NpgsqlConnection connection, long token, long lastPosition, (int Line, int Log) lastKeys)
    {
        (_connection, Token, LastPosition, _lastKeys) = (connection, token, lastPosition, lastKeys);
        (_lines, _logs) = (new HeldLines(connection, lastKeys.Line), new HeldLogs(connection, lastKeys.Log));
    }

    /// <summary>What the owner's row says while the store is ours.</summary>
    public long Token { get; }

    /// <summary>Position of the last event that was committed.</summary>
    public long LastPosition { get; private set; }

    /// <summary>Becomes the owner.</summary>
    /// <param name="connection">Open; the session closes it.</param>
    /// <param name="address">For messages.</param>
    /// <param name="holder">Who the owner is, for people.</param>
    /// <param name="held">The token of the session before this one of the same process; null for the first one, which takes over from anybody.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreFencedException">Another process took over since.</exception>
    /// <exception cref="StoreRefusedException">The server would not keep what it acknowledges.</exception>
    public static async Task<WriterSession> TakeOverAsync(
        NpgsqlConnection connection, PostgresAddress address, string holder, long? held, CancellationToken cancellationToken)
    {
        await PostgresDurability.RequireAsync(connection, address, cancellationToken);
        // Waits for a commit that a broken connection left under way; one that comes later finds another token.
        await using var command = new NpgsqlCommand(
            held is null
                ? """
                  insert into owner (id, token, description) values (1, 1, $1)
                  on conflict (id) do update set token = owner.token + 1, description = excluded.description
                  returning token
                  """
                : "update owner set token = token + 1, description = $1 where token = $2 returning token",
            connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = holder } },
        };
        if (held is { } mine) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mine });
        if (await command.ExecuteScalarAsync(cancellationToken) is not long token)
            throw PostgresErrors.Fenced(address, await OwnerAsync(connection, cancellationToken));
        return await BeginAsync(connection, token, cancellationToken);
    }

    /// <summary>Makes a batch durable, or changes nothing.</summary>
    public async Task CommitAsync(StoreBatch batch)
    {
        var plan = new CommitPlan(_lines, _logs, LastPosition);
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
        (LastPosition, _lastKeys) = (plan.LastPosition, (_lines.LastKey, _logs.LastKey));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<WriterSession> BeginAsync(NpgsqlConnection connection, long token, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select coalesce((select max(position) from events), 0), coalesce((select max(chain) from chains), 0), coalesce((select max(holder) from holders), 0)", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return new WriterSession(connection, token, rows.GetInt64(0), (rows.GetInt32(1), rows.GetInt32(2)));
    }

    private static async Task<string> OwnerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select description from owner", connection);
        return await command.ExecuteScalarAsync(cancellationToken) as string ?? "nobody";
    }
}
