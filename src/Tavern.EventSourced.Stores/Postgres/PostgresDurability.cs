using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What stands between an acknowledgement and a power loss, as the server says for the connection that commits.</summary>
internal static class PostgresDurability
{
    /// <summary>Refuses a server that acknowledges before it synced. Source: PostgreSQL manual, "Write Ahead Log": fsync, synchronous_commit.</summary>
    /// <exception cref="StoreRefusedException">With the setting and what to do.</exception>
    public static async Task RequireAsync(NpgsqlConnection connection, PostgresAddress address, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select current_setting('fsync'), current_setting('synchronous_commit')", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        var (fsync, commit) = (rows.GetString(0), rows.GetString(1));
        if (fsync == "off")
            throw new StoreRefusedException($"{address} would lose acknowledged events with a power loss: fsync is off, expected on. Set it in postgresql.conf.");
        if (commit == "off")
            throw new StoreRefusedException($"{address} would lose acknowledged events when its server dies: synchronous_commit is off, expected on (or local). Set it in postgresql.conf, or for this role.");
    }
}
