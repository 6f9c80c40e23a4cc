using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>One connection with its prepared statements. One user at a time. Whatever fails is thrown as a store exception.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    private SqliteDatabase(string path, SqliteConnection connection, TimeSpan busyWait)
    {
        Path = path;
        _connection = connection;
        _ = raw.sqlite3_busy_timeout(Handle, (int)busyWait.TotalMilliseconds);
    }

    public string Path { get; }

    public sqlite3 Handle => _connection.Handle!;

    /// <summary>True between begin and commit or rollback.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Opens a database. One that lies where nothing may be written, and whose write-ahead log is empty, is read as it stands:
    /// nobody can change it.</summary>
    public static SqliteDatabase Open(string path, SqliteOpenMode mode, TimeSpan busyWait)
    {
        if (mode != SqliteOpenMode.ReadOnly || !File.Exists(path) || new FileInfo(path + "-wal") is { Exists: true, Length: > 0 }) return OpenAs(path, path, mode, busyWait);
        var database = OpenAs(path, path, mode, busyWait);
        var probe = raw.sqlite3_exec(database.Handle, "pragma schema_version") & 0xff;
        if (probe is not (raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY)) return database;
        database.Dispose();
        return OpenAs(path, new Uri(path).AbsoluteUri + "?immutable=1", mode, busyWait);
    }

    private static SqliteDatabase OpenAs(string path, string source, SqliteOpenMode mode, TimeSpan busyWait)
    {
        // No pooling: closing must close, or the last close would not fold the WAL back into the file.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return new SqliteDatabase(path, connection, busyWait);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteErrors.ToException(path, e);
        }
    }

    /// <summary>The statement for this SQL, prepared once.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement)) _statements.Add(sql, statement = new SqliteStatement(this, sql));
        return statement;
    }

    /// <summary>Carries out a script.</summary>
    public void Execute(string script) => Check(raw.sqlite3_exec(Handle, script));

    /// <summary>The first column of the first row as a number, or null when there is no row.</summary>
    public long? FindInt64(string sql)
    {
        var statement = Prepare(sql);
        if (!statement.Step()) return null;
        var value = statement.Int64(0);
        statement.Reset();
        return value;
    }

    /// <summary>The first column of the first row as text, or null when there is no row.</summary>
    public string? FindText(string sql)
    {
        var statement = Prepare(sql);
        if (!statement.Step()) return null;
        var value = statement.Text(0);
        statement.Reset();
        return value;
    }

    public void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw Failure();
    }

    /// <summary>The exception for the call that just failed.</summary>
    public Exception Failure() => SqliteErrors.ToException(
        Path,
        new SqliteException(raw.sqlite3_errmsg(Handle).utf8_to_string(), raw.sqlite3_errcode(Handle) & 0xff, raw.sqlite3_extended_errcode(Handle)));

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        _connection.Dispose();
    }
}
