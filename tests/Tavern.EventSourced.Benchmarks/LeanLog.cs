using Microsoft.Data.Sqlite;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>The floor: the leanest durable log in SQLite. One table, one key, the bytes; WAL and <c>synchronous=FULL</c> as ours.</summary>
internal sealed class LeanLog : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;

    public LeanLog(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        Execute("pragma journal_mode=wal; pragma synchronous=full; create table log (sequence integer primary key, body blob not null)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "insert into log (body) values ($body)";
        _insert.Parameters.Add("$body", SqliteType.Blob);
        _insert.Prepare();
    }

    /// <summary>Appends bodies in one transaction: one sync.</summary>
    public void Append(IReadOnlyList<byte[]> bodies)
    {
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        foreach (var body in bodies)
        {
            _insert.Parameters[0].Value = body;
            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>All bodies in order.</summary>
    public IEnumerable<byte[]> Read()
    {
        using var select = _connection.CreateCommand();
        select.CommandText = "select body from log order by sequence";
        using var reader = select.ExecuteReader();
        while (reader.Read()) yield return (byte[])reader.GetValue(0);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
