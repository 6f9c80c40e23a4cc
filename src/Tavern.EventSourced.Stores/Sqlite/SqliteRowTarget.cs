using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>A new database, made in one transaction.</summary>
internal sealed class SqliteRowTarget : IRowTarget
{
    private static readonly TimeSpan BusyWait = TimeSpan.FromSeconds(5);

    private readonly SqliteDatabase _database;
    private readonly string _owner;

    private SqliteRowTarget(SqliteDatabase database, string owner) => (_database, _owner) = (database, owner);

    /// <summary>Begins a database where there is none (0600).</summary>
    /// <param name="path">The file.</param>
    /// <param name="owner">Who made it, for people.</param>
    /// <param name="now">Dates the steps of its schema.</param>
    /// <exception cref="StoreUnavailableException">The disk does not allow it.</exception>
    public static SqliteRowTarget Begin(string path, string owner, DateTimeOffset now)
    {
        PrivateFile.TryCreateEmpty(path);
        var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadWrite, BusyWait);
        try
        {
            database.Execute("pragma journal_mode = delete; pragma synchronous = full;"); // one file, complete at the commit
            SqliteSchema.Migrate(database, now);
            database.Execute("begin immediate");
            return new SqliteRowTarget(database, owner);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(StoredRow row, CancellationToken cancellationToken)
    {
        switch (row)
        {
            case StoredRow.Chain chain:
                Insert("chains (chain, agent, epoch, branch) values (?, ?, ?, ?)").Bind(1, chain.Key).Bind(2, chain.Agent.Span).Bind(3, chain.Epoch).Bind(4, chain.Branch).Run();
                break;
            case StoredRow.Holder holder:
                Insert("holders (holder, agent) values (?, ?)").Bind(1, holder.Key).Bind(2, holder.Agent.Span).Run();
                break;
            case StoredRow.Event record:
                Write(record);
                break;
            case StoredRow.Segment segment:
                Insert("segments (chain, first, last, position) values (?, ?, ?, ?)")
                    .Bind(1, segment.ChainKey).Bind(2, segment.First).Bind(3, segment.Last).Bind(4, segment.Position).Run();
                break;
            case StoredRow.Receipt receipt:
                Insert("receipts (holder, number, peer, exchange, mode, at, bytes, outcome, detail, count) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                    .Bind(1, receipt.HolderKey).Bind(2, receipt.Number).Bind(3, receipt.Peer.Span).Bind(4, receipt.Exchange).Bind(5, receipt.Mode).Bind(6, receipt.At)
                    .Bind(7, receipt.Bytes).Bind(8, receipt.Outcome).Bind(9, receipt.Detail).Bind(10, receipt.Count).Run();
                break;
            case StoredRow.Run run:
                Insert("runs (holder, position, chain, first, last, hop, receipt) values (?, ?, ?, ?, ?, ?, ?)")
                    .Bind(1, run.HolderKey).Bind(2, run.Position).Bind(3, run.ChainKey).Bind(4, run.First).Bind(5, run.Last).Bind(6, run.Hop).Bind(7, run.ReceiptNumber).Run();
                break;
            case StoredRow.Idempotency entry:
                Insert("idempotency (holder, key, request_hash, chain, sequence) values (?, ?, ?, ?, ?)")
                    .Bind(1, entry.HolderKey).Bind(2, entry.Key).Bind(3, entry.RequestHash.Span).Bind(4, entry.ChainKey).Bind(5, entry.Sequence).Run();
                break;
            case StoredRow.Subscription position:
                Write(position);
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Insert("owner (id, token, description) values (1, 1, ?)").Bind(1, _owner).Run();
        _database.Execute("commit");
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose(); // rolls back what was not committed
        return ValueTask.CompletedTask;
    }

    private void Write(StoredRow.Event row)
    {
        var insert = Insert("events (position, chain, sequence, verified, hash, signature, header, payload) values (?, ?, ?, ?, ?, ?, ?, ?)")
            .Bind(1, row.Position).Bind(2, row.ChainKey).Bind(3, row.Sequence).Bind(4, row.Verified).Bind(5, row.Hash.Span);
        if (row.Signature is { } signature) insert.Bind(6, signature.Span);
        else insert.BindNull(6);
        insert.Bind(7, row.Header.Span).Bind(8, row.Payload.Span).Run();
    }

    private void Write(StoredRow.Subscription row)
    {
        var insert = Insert("positions (holder, subscription, position, chain, sequence) values (?, ?, ?, ?, ?)").Bind(1, row.HolderKey).Bind(2, row.Name).Bind(3, row.At);
        if (row is { ChainKey: { } chain, Sequence: { } sequence }) insert.Bind(4, chain).Bind(5, sequence);
        else insert.BindNull(4).BindNull(5);
        insert.Run();
    }

    private SqliteStatement Insert(string into) => _database.Prepare("insert into " + into);
}
