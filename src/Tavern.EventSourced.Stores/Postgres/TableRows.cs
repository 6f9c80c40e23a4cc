using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>Rows of one table, kept as columns: one statement over arrays writes them all.</summary>
/// <param name="statement">SQL whose parameters are the columns, in the order in which they were made.</param>
internal abstract class TableRows(string statement)
{
    private readonly List<NpgsqlParameter> _columns = [];

    /// <summary>How many.</summary>
    public int Count { get; protected set; }

    /// <summary>Adds the statement, if there is anything to write.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        if (Count == 0) return;
        var command = new NpgsqlBatchCommand(statement);
        foreach (var column in _columns) command.Parameters.Add(column);
        batch.BatchCommands.Add(command);
    }

    /// <summary>The next column.</summary>
    protected List<T> Column<T>()
    {
        var values = new List<T>();
        _columns.Add(new NpgsqlParameter<List<T>> { TypedValue = values });
        return values;
    }
}
