using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Reads every row of a database as it stands, also of one with damaged pages: what SQLite cannot read is reported and left out,
/// and reading goes on behind it. One user at a time.</summary>
/// <param name="database">Within a transaction, so that all tables are of one moment.</param>
/// <param name="unreadable">Hears which table has rows that cannot be read, from where, and why.</param>
internal sealed class SqliteScan(SqliteDatabase database, Action<string, string, string> unreadable)
{
    private const int MissesMax = 100_000; // positions tried one by one behind a damaged page when nothing says where the table ends

    /// <summary>Tables that could not be read to their ends.</summary>
    public HashSet<string> Torn { get; } = [];

    /// <summary>All rows, in the order a <see cref="StoreCheck"/> takes them.</summary>
    public IEnumerable<StoredRow> Rows() =>
        Table("chains", "chain, agent, epoch, branch", "chain", row => new StoredRow.Chain(row.Int64(0), Copy(row, 1), row.Int64(2), row.Int64(3)), row => (row.Key, 0))
        .Concat<StoredRow>(Table("holders", "holder, agent", "holder", row => new StoredRow.Holder(row.Int64(0), Copy(row, 1)), row => (row.Key, 0)))
        .Concat(Events())
        .Concat(Table(
            "segments", "chain, first, last, position", "chain, last",
            row => new StoredRow.Segment(row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3)), row => (row.ChainKey, row.Last)))
        .Concat(Table("receipts", "holder, number, peer, exchange, mode, at, bytes, outcome, detail, count", "holder, number", ReceiptOf, row => (row.HolderKey, row.Number)))
        .Concat(Table("runs", "holder, position, chain, first, last, hop, receipt", "holder, position", RunOf, row => (row.HolderKey, row.Position)))
        .Concat(Table(
            "idempotency", "holder, key, request_hash, chain, sequence", "holder, key",
            row => new StoredRow.Idempotency(row.Int64(0), row.Text(1) ?? "", Copy(row, 2), row.Int64(3), row.Int64(4)), row => null))
        .Concat(Table(
            "positions", "holder, subscription, position, chain, sequence", "holder, subscription",
            row => new StoredRow.Subscription(row.Int64(0), row.Text(1) ?? "", row.Int64(2), row.IsNull(3) ? null : row.Int64(3), row.IsNull(4) ? null : row.Int64(4)), row => null));

    /// <summary>Records by position. Behind a page that cannot be read, positions are tried one by one until one can be.</summary>
    public IEnumerable<StoredRow.Event> Events()
    {
        var after = 0L;
        while (true)
        {
            var rows = database.Prepare("select position, chain, sequence, verified, hash, signature, header, payload from events where position > @after order by position").Bind(1, after);
            string? damage = null;
            while (Next(rows, EventOf, out damage) is { } record)
            {
                after = record.Position;
                yield return record;
            }

            if (damage is null) yield break;
            Report("events", Findings.At("position", after + 1), damage);
            if (NextReadable(after) is not { } found) yield break;
            yield return found;
            after = found.Position;
        }
    }

    private StoredRow.Event? NextReadable(long after)
    {
        var last = LastPosition() ?? after + MissesMax;
        for (var position = after + 1; position <= last; position++)
        {
            var row = database.Prepare("select position, chain, sequence, verified, hash, signature, header, payload from events where position = @position").Bind(1, position);
            if (Next(row, EventOf, out _) is not { } found) continue;
            row.Reset();
            return found;
        }

        return null;
    }

    /// <summary>The highest position that anything readable names; null when nothing does.</summary>
    private long? LastPosition()
    {
        long? last = null;
        foreach (var sql in (string[])["select max(position) from events", "select max(position + last - first) from segments"])
        {
            var row = database.Prepare(sql);
            if (Next(row, found => (long?)found.Int64(0), out _) is not { } position) continue;
            row.Reset();
            last = Math.Max(last ?? 0, position);
        }

        return last;
    }

    /// <summary>Rows from the front; behind a page that cannot be read, from the back up to it.</summary>
    private IEnumerable<T> Table<T>(string table, string columns, string order, Func<SqliteStatement, T> read, Func<T, (long, long)?> keyOf) where T : StoredRow
    {
        (long, long)? last = null;
        var rows = database.Prepare($"select {columns} from {table} order by {order}");
        string? damage;
        while (Next(rows, read, out damage) is { } row)
        {
            last = keyOf(row) ?? last;
            yield return row;
        }

        if (damage is null) yield break;
        Report(table, "", damage);
        foreach (var row in FromTheBack()) yield return row;

        List<T> FromTheBack()
        {
            var found = new List<T>();
            var back = database.Prepare($"select {columns} from {table} order by {string.Join(", ", order.Split(", ").Select(column => column + " desc"))}");
            while (Next(back, read, out _) is { } row)
            {
                if (keyOf(row) is not { } key || (last is { } seen && key.CompareTo(seen) <= 0)) break;
                found.Add(row);
            }

            back.Reset();
            found.Reverse();
            return found;
        }
    }

    private void Report(string table, string place, string damage)
    {
        Torn.Add(table);
        unreadable(table, place, damage);
    }

    private static T? Next<T>(SqliteStatement rows, Func<SqliteStatement, T?> read, out string? damage)
    {
        damage = null;
        try
        {
            return rows.Step() ? read(rows) : default;
        }
        catch (StoreUnavailableException e) when (SqliteErrors.IsDamage(e.InnerException) || SqliteErrors.IsUnreadable(e.InnerException))
        {
            damage = e.InnerException!.Message;
            return default;
        }
    }

    private static StoredRow.Event EventOf(SqliteStatement row) => new(
        row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), Copy(row, 4), row.IsNull(5) ? (ReadOnlyMemory<byte>?)null : Copy(row, 5), Copy(row, 6), Copy(row, 7));

    private static StoredRow.Receipt ReceiptOf(SqliteStatement row) => new(
        row.Int64(0), row.Int64(1), Copy(row, 2), row.Int64(3), row.Int64(4), row.Int64(5), row.Int64(6), row.Int64(7), row.IsNull(8) ? null : row.Text(8), row.Int64(9));

    private static StoredRow.Run RunOf(SqliteStatement row) =>
        new(row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.Int64(5), row.Int64(6));

    private static ReadOnlyMemory<byte> Copy(SqliteStatement row, int column) => row.Blob(column).ToArray();
}
