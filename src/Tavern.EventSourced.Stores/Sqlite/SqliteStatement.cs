using SQLitePCL;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>One prepared statement, reused. Parameters are bound by number, in the order in which the SQL first names them: binding
/// by name and boxing every value would cost more than the insert itself. One user at a time.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly sqlite3_stmt _handle;

    public SqliteStatement(SqliteDatabase database, string sql)
    {
        _database = database;
        database.Check(raw.sqlite3_prepare_v3(database.Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out _handle));
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        _database.Check(raw.sqlite3_bind_int64(_handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        _database.Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(_handle, parameter, 0)
            : raw.sqlite3_bind_blob(_handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, AgentId value)
    {
        Span<byte> bytes = stackalloc byte[AgentId.Bytes];
        value.CopyTo(bytes);
        return Bind(parameter, bytes);
    }

    public SqliteStatement Bind(int parameter, Hash value)
    {
        Span<byte> bytes = stackalloc byte[Hash.Bytes];
        value.CopyTo(bytes);
        return Bind(parameter, bytes);
    }

    public SqliteStatement Bind(int parameter, string? value)
    {
        _database.Check(value is null ? raw.sqlite3_bind_null(_handle, parameter) : raw.sqlite3_bind_text(_handle, parameter, value));
        return this;
    }

    public SqliteStatement BindNull(int parameter)
    {
        _database.Check(raw.sqlite3_bind_null(_handle, parameter));
        return this;
    }

    /// <summary>Goes to the next row; false, and ready for reuse, after the last.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code != raw.SQLITE_DONE)
        {
            var failure = _database.Failure();
            Reset();
            throw failure;
        }

        Reset();
        return false;
    }

    /// <summary>Carries out a statement that returns no rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Ends a read before its last row: until then it holds its snapshot.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_handle); // repeats the error of the last step, which was thrown then

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_handle, column);

    public int Int32(int column) => checked((int)Int64(column));

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_handle, column);

    public string Text(int column) => raw.sqlite3_column_text(_handle, column).utf8_to_string();

    public void Dispose() => _handle.Dispose();
}
