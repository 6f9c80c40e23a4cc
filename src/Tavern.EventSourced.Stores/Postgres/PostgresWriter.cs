using System.Security.Cryptography;
using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>The writing side: one commit at a time, in the order in which callers came; one commit is one message to the server, one transaction
/// and one sync there.</summary>
internal sealed class PostgresWriter(PostgresAddress address, string holder, byte[] process, WriterSession opened) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private WriterSession? _session = opened;
    private long _token = opened.Token;
    private long _acknowledged = opened.Written;
    private Exception? _ended;

    /// <summary>Connects, brings the schema up to date, becomes its owner.</summary>
    /// <exception cref="StoreRefusedException">It is another program's, a newer version's, or cannot be made durable.</exception>
    public static async Task<PostgresWriter> OpenAsync(PostgresStoreOptions options, PostgresAddress address, string holder, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(address.Writer);
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (options.MustExist && await PostgresSchema.Log.CountAppliedAsync(connection, address, cancellationToken) == 0)
                throw new StoreRefusedException(
                    $"The log of this node is gone: {address} holds no tables, but a store was here. A node that knows seeds gets back what they have, and begins a new"
                    + " epoch so that no number is used twice; this folder's tavern.json names no seeds. Restore the newest backup of the schema; if there is none, join with"
                    + " a new invitation in another folder.")
                {
                    IsDamaged = true,
                    IsLost = true,
                };
            await PostgresSchema.Log.MigrateAsync(connection, address, options.TimeProvider.GetUtcNow(), cancellationToken);
            var process = RandomNumberGenerator.GetBytes(16);
            return new PostgresWriter(address, holder, process, await WriterSession.TakeOverAsync(connection, address, holder, process, isFirst: true, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a batch durable, or changes nothing.</summary>
    /// <exception cref="StoreConflictException">It contradicts what is held.</exception>
    /// <exception cref="StoreFencedException">Another process owns the store by now.</exception>
    /// <exception cref="StoreRolledBackException">The server has less than it acknowledged.</exception>
    public async ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_ended is not null) throw _ended;
            await CommitAsync(batch);
        }
        catch (Exception e) when (e is StoreFencedException or StoreRolledBackException)
        {
            _ended = e; // whatever the server says next, this process has lost the store
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _ended ??= new ObjectDisposedException(nameof(PostgresEventStore));
        if (_session is not null) await _session.DisposeAsync();
        _turn.Release();
    }

    private async Task CommitAsync(StoreBatch batch)
    {
        try
        {
            _session ??= await ReconnectAsync();
            await _session.CommitAsync(batch);
            _acknowledged = _session.Written;
        }
        catch (StoreConflictException)
        {
            throw; // found before anything was written
        }
        catch (Exception e)
        {
            // Whether it was written is unknown: the next session asks.
            if (_session is not null) await _session.DisposeAsync();
            _session = null;
            if (PostgresErrors.IsFailure(e)) throw PostgresErrors.ToException(address, e);
            throw;
        }
    }

    private async Task<WriterSession> ReconnectAsync()
    {
        var connection = new NpgsqlConnection(address.Writer);
        try
        {
            await connection.OpenAsync();
            if (await WriterSession.TokenAsync(connection) is var token && token < _token) // tokens only grow: not another owner, but a time before us
                throw RolledBack($"knows its owner by the token {token}; this process held {_token}");
            var session = await WriterSession.TakeOverAsync(connection, address, holder, process, isFirst: false, CancellationToken.None);
            if (session.Written < _acknowledged) throw RolledBack($"holds {session.Written} events and places in logs; {_acknowledged} were acknowledged");
            _token = session.Token;
            return session;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (e is PostgresException { SqlState: PostgresErrors.NoTable }) throw RolledBack("has no tables, and had them when this process started");
            throw;
        }
    }

    private StoreRolledBackException RolledBack(string how) => new(
        $"The store {address} {how}. The server went back to an older state (a failover, a restored backup). The next start reads what is there, gets back what others have, and begins a new epoch.");
}
