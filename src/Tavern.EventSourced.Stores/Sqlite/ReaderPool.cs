using System.Collections.Concurrent;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Reading connections, lent to one enumeration or question at a time. In WAL mode they never wait for the writer.</summary>
internal sealed class ReaderPool(string path, TimeSpan busyWait) : IDisposable
{
    private const int IdleMax = 8; // as many readers at once are rare; more are opened when needed and closed afterwards

    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private volatile bool _closed;

    /// <summary>Streams what a query yields; the connection goes back when the enumeration ends.</summary>
    public IAsyncEnumerable<T> Read<T>(Func<SqliteReader, IEnumerable<T>> query, CancellationToken cancellationToken)
    {
        return Rows().ToAsyncEnumerable();

        IEnumerable<T> Rows()
        {
            var reader = Rent();
            try
            {
                foreach (var row in query(reader))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return row;
                }
            }
            finally
            {
                Return(reader);
            }
        }
    }

    /// <summary>Answers one question.</summary>
    public ValueTask<T> Ask<T>(Func<SqliteReader, T> question, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<T>(cancellationToken);
        var reader = Rent();
        try
        {
            return ValueTask.FromResult(question(reader));
        }
        catch (StoreUnavailableException e)
        {
            return ValueTask.FromException<T>(e);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <summary>Closes idle connections; lent ones are closed when they come back.</summary>
    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out var reader)) reader.Dispose();
    }

    private SqliteReader Rent()
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(SqliteEventStore));
        return _idle.TryTake(out var reader) ? reader : SqliteReader.Open(path, busyWait);
    }

    private void Return(SqliteReader reader)
    {
        if (_closed || _idle.Count >= IdleMax)
        {
            reader.Dispose();
            return;
        }

        _idle.Add(reader);
        if (_closed) Dispose(); // closed in between
    }
}
