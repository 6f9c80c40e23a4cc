using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What a glance at a server shows; it becomes no owner and changes nothing.</summary>
/// <param name="Version">The server's version, e.g. <c>15.18</c>.</param>
/// <param name="Fsync">The setting <c>fsync</c>: <c>on</c> or <c>off</c>.</param>
/// <param name="SynchronousCommit">The setting <c>synchronous_commit</c> for this role.</param>
/// <param name="IsReadOnly">True when it is a standby, or lets this role only read.</param>
/// <param name="ConnectionsMax">Connections that it allows to roles like this one.</param>
/// <param name="ConnectionsUsed">Those that clients have now.</param>
/// <param name="DatabaseBytes">Size of the database. How much room its disk has, a server does not say.</param>
/// <param name="Steps">Steps of the schema that were applied.</param>
/// <param name="StepsKnown">Steps that this version knows.</param>
/// <param name="Events">Highest position of a record; 0 without tables.</param>
/// <param name="LackingRights">What the role may not do and a node must, e.g. <c>insert on events</c>.</param>
internal sealed record PostgresLook(
    string Version, string Fsync, string SynchronousCommit, bool IsReadOnly, int ConnectionsMax, int ConnectionsUsed, long DatabaseBytes, int Steps, int StepsKnown, long Events,
    IReadOnlyList<string> LackingRights)
{
    private const string Server = """
        select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'),
          pg_is_in_recovery() or current_setting('transaction_read_only')::boolean,
          current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer,
          (select count(*) from pg_stat_activity where backend_type = 'client backend')::integer,
          pg_database_size(current_database())
        """;

    private const string Lacking = """
        select r.right || ' on ' || t.name
        from unnest(array['owner', 'chains', 'holders', 'events', 'segments', 'runs', 'receipts', 'idempotency', 'positions']) t (name)
        cross join unnest(array['select', 'insert', 'update']) r ("right")
        where not has_table_privilege(current_schema() || '.' || t.name, r.right)
        union all
        select 'execute on require_owner' where not has_function_privilege(current_schema() || '.require_owner(bigint)', 'execute')
        """;

    /// <summary>Looks.</summary>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote the schema.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not let this role in.</exception>
    public static async Task<PostgresLook> AtAsync(string connectionString, string schema, CancellationToken cancellationToken)
    {
        var address = new PostgresAddress(connectionString, schema);
        try
        {
            await using var connection = new NpgsqlConnection(address.Writer);
            await connection.OpenAsync(cancellationToken);
            var steps = await PostgresSchema.Log.CountAppliedAsync(connection, address, cancellationToken);
            var (lacking, events) = (new List<string>(), 0L);
            if (steps == PostgresSchema.Log.Steps.Length)
            {
                await using var rights = new NpgsqlCommand(Lacking, connection);
                await using (var rows = await rights.ExecuteReaderAsync(cancellationToken))
                    while (await rows.ReadAsync(cancellationToken)) lacking.Add(rows.GetString(0));
                if (!lacking.Contains("select on events"))
                {
                    await using var last = new NpgsqlCommand(PostgresQueries.LastPosition, connection);
                    events = await last.ExecuteScalarAsync(cancellationToken) as long? ?? 0;
                }
            }

            await using var look = new NpgsqlCommand(Server, connection);
            await using var row = await look.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            return new PostgresLook(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetInt32(4), row.GetInt32(5), row.GetInt64(6), steps, PostgresSchema.Log.Steps.Length, events, lacking);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(address, e);
        }
    }
}
