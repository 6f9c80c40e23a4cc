using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>The questions a store answers. Long answers are asked for page by page and stream within a page, so that whoever stops early, or reads
/// slowly, costs the server no more than a page.</summary>
internal sealed class PostgresReader(PostgresAddress address) : IAsyncDisposable
{
    private const int PageRows = 1000; // a page of small events is some 400 kB, of the largest ones 1 GB, of which one row is in memory at a time
    private const int PageSegments = 250;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(address.Readers);

    /// <summary>Refuses a schema that this version cannot read as it is.</summary>
    /// <exception cref="StoreRefusedException">There is none, it is another program's, or not this version's.</exception>
    public async Task RequireReadableAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await PostgresSchema.Log.RequireCurrentAsync(connection, address, cancellationToken);
    }

    public async IAsyncEnumerable<StoredSegment> ReadSegmentsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = 0L; // what is written from now on is not read: otherwise a busy writer would never let a reader end
        await foreach (var last in RowsAsync(PostgresQueries.LastPosition, [], rows => rows.GetInt64(0), cancellationToken)) end = last;
        List<EventRecord> records = [];
        for (var after = 0L; after < end;)
        {
            var before = after;
            await foreach (var (position, row) in RowsAsync(
                PostgresQueries.Segments, [Of(after), Of(end), Of(PageRows)], rows => (rows.GetInt64(6), EventRow.Read(rows)), cancellationToken))
            {
                after = position;
                if (row.EndOf(records) is { } segment) yield return segment;
            }

            if (after == before) yield break; // the rest was deleted meanwhile, by somebody who may not
        }
    }

    public async IAsyncEnumerable<StoredSegment> ReadChainAsync(ChainId chain, long first, long last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<EventRecord> records = [];
        for (var next = first; next <= last;)
        {
            var found = 0;
            await foreach (var row in RowsAsync(
                PostgresQueries.Chain, [Of(chain.Agent), Of(chain.Epoch), Of(chain.Branch), Of(next), Of(last), Of(PageSegments)], EventRow.Read, cancellationToken))
            {
                if (row.EndOf(records) is not { } segment) continue;
                found++;
                next = segment.Segment.Last + 1;
                yield return segment;
            }

            if (found < PageSegments) yield break;
        }
    }

    public async IAsyncEnumerable<EventRecord> ReadRecordsAsync(ChainId chain, long first, long last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (segment, _) in ReadChainAsync(chain, first, last, cancellationToken))
            foreach (var record in segment.Records)
                if (record.Id.Sequence >= first && record.Id.Sequence <= last) yield return record;
    }

    public ValueTask<EventRecord?> FindRecordAsync(EventId id, CancellationToken cancellationToken) => FirstAsync(
        PostgresQueries.Record, [Of(id.Agent), Of(id.Epoch), Of(id.Branch), Of(id.Sequence)], rows => EventRow.Read(rows).Record, cancellationToken);

    public IAsyncEnumerable<AgentId> ReadHoldersAsync(CancellationToken cancellationToken) =>
        RowsAsync(PostgresQueries.Holders, [], rows => AgentId.FromBytes(rows.GetFieldValue<byte[]>(0)), cancellationToken);

    public async IAsyncEnumerable<Run> ReadRunsAsync(AgentId holder, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int found;
        do
        {
            found = 0;
            await foreach (var run in RowsAsync(PostgresQueries.Runs, [Of(holder), Of(from), Of(PageRows)], rows => RunOf(rows, holder), cancellationToken))
            {
                found++;
                from = run.LastPosition + 1;
                yield return run;
            }
        }
        while (found == PageRows);
    }

    public ValueTask<Run?> FindRunAsync(AgentId holder, EventId id, CancellationToken cancellationToken) => FirstAsync(
        PostgresQueries.Run, [Of(holder), Of(id.Agent), Of(id.Epoch), Of(id.Branch), Of(id.Sequence)], rows => RunOf(rows, holder), cancellationToken);

    public ValueTask<Receipt?> FindReceiptAsync(AgentId holder, long number, CancellationToken cancellationToken) =>
        FirstAsync(PostgresQueries.Receipt, [Of(holder), Of(number)], rows => ReceiptOf(rows, holder), cancellationToken);

    public async IAsyncEnumerable<Receipt> ReadReceiptsAsync(AgentId holder, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int found;
        do
        {
            found = 0;
            await foreach (var receipt in RowsAsync(PostgresQueries.Receipts, [Of(holder), Of(after), Of(PageRows)], rows => ReceiptOf(rows, holder), cancellationToken))
            {
                found++;
                after = receipt.Number;
                yield return receipt;
            }
        }
        while (found == PageRows);
    }

    public ValueTask<IdempotencyEntry?> FindIdempotencyAsync(AgentId agent, string key, CancellationToken cancellationToken) => FirstAsync(
        PostgresQueries.Key,
        [Of(agent), Of(key)],
        rows => new IdempotencyEntry(agent, key, new Hash(rows.GetFieldValue<byte[]>(0)), ChainOf(rows, 1)[rows.GetInt64(4)]),
        cancellationToken);

    public IAsyncEnumerable<SubscriptionPosition> ReadPositionsAsync(AgentId agent, CancellationToken cancellationToken) => RowsAsync(
        PostgresQueries.Positions,
        [Of(agent)],
        rows => new SubscriptionPosition(
            agent, Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(0)), rows.GetInt64(1), rows.IsDBNull(5) ? null : ChainOf(rows, 2)[rows.GetInt64(5)]),
        cancellationToken);

    /// <summary>Marks signatures as checked, in a transaction that waits for no sync: a mark that is lost is made again.</summary>
    public async ValueTask MarkVerifiedAsync(IReadOnlyList<EventId> heads, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand("begin"),
                    new NpgsqlBatchCommand("set local synchronous_commit = off"),
                    new NpgsqlBatchCommand(PostgresQueries.Mark)
                    {
                        Parameters =
                        {
                            new NpgsqlParameter<byte[][]> { TypedValue = [.. heads.Select(head => head.Agent.ToByteArray())] },
                            new NpgsqlParameter<int[]> { TypedValue = [.. heads.Select(head => head.Epoch)] },
                            new NpgsqlParameter<int[]> { TypedValue = [.. heads.Select(head => head.Branch)] },
                            new NpgsqlParameter<long[]> { TypedValue = [.. heads.Select(head => head.Sequence)] },
                        },
                    },
                    new NpgsqlBatchCommand("commit"),
                },
            };
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(address, e);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>Columns: agent, epoch, branch.</summary>
    public static ChainId ChainOf(NpgsqlDataReader rows, int column) =>
        new(AgentId.FromBytes(rows.GetFieldValue<byte[]>(column)), rows.GetInt32(column + 1), rows.GetInt32(column + 2));

    private static Run RunOf(NpgsqlDataReader rows, AgentId holder) =>
        new(holder, rows.GetInt64(0), ChainOf(rows, 1), rows.GetInt64(4), rows.GetInt64(5), rows.GetInt32(6), rows.GetInt64(7));

    private static Receipt ReceiptOf(NpgsqlDataReader rows, AgentId holder) => new(
        holder, rows.GetInt64(0), AgentId.FromBytes(rows.GetFieldValue<byte[]>(1)), unchecked((ulong)rows.GetInt64(2)), (DeliveryMode)rows.GetInt32(3),
        DateTimeOffset.UnixEpoch.AddTicks(rows.GetInt64(4)), rows.GetInt32(5), (ReceiptOutcome)rows.GetInt32(6),
        rows.IsDBNull(7) ? null : Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(7)), rows.GetInt64(8));

    private static NpgsqlParameter<long> Of(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<int> Of(int value) => new() { TypedValue = value };

    private static NpgsqlParameter<byte[]> Of(AgentId value) => new() { TypedValue = value.ToByteArray() };

    private static NpgsqlParameter<byte[]> Of(string value) => new() { TypedValue = Encoding.UTF8.GetBytes(value) };

    private async ValueTask<T?> FirstAsync<T>(string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) where T : class
    {
        await foreach (var row in RowsAsync(sql, parameters, read, cancellationToken)) return row;
        return null;
    }

    private async IAsyncEnumerable<T> RowsAsync<T>(
        string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var command = _source.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var rows = await GuardedAsync(() => AskAsync(command, cancellationToken));
        var next = () => rows.ReadAsync(cancellationToken);
        while (await GuardedAsync(next))
        {
            yield return Whole(rows, read);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task<NpgsqlDataReader> AskAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await command.ExecuteReaderAsync(cancellationToken);
        }
        catch (NpgsqlException e) when (PostgresErrors.IsBroken(e))
        {
            return await command.ExecuteReaderAsync(cancellationToken); // an idle connection outlived its server: once more, with another
        }
    }

    private async Task<T> GuardedAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (PostgresErrors.IsFailure(e))
        {
            throw PostgresErrors.ToException(address, e);
        }
    }

    private T Whole<T>(NpgsqlDataReader row, Func<NpgsqlDataReader, T> read)
    {
        try
        {
            return read(row);
        }
        catch (Exception e) when (e is MalformedRecordException or ArgumentException)
        {
            throw new StoreUnavailableException($"The store {address} is damaged: {e.Message} Restore it from a backup.", e);
        }
    }
}
