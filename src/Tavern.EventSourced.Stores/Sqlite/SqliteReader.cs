using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The questions a store answers, over one reading connection. Rows stream: an enumeration holds its snapshot until it
/// ends. One user at a time.</summary>
internal sealed class SqliteReader(SqliteDatabase database) : IDisposable
{
    private const string ChainKey = "(select chain from chains where agent = @agent and epoch = @epoch and branch = @branch)";
    private const string HolderKey = "(select holder from holders where agent = @holder)";
    private const string RunColumns = "r.position, c.agent, c.epoch, c.branch, r.first, r.last, r.hop, r.receipt";
    private const string ReceiptColumns = "number, peer, exchange, mode, at, bytes, outcome, detail, count";

    public static SqliteReader Open(string path, TimeSpan busyWait) => new(SqliteDatabase.Open(path, SqliteOpenMode.ReadOnly, busyWait));

    /// <summary>Refuses a database that this version cannot read as it is.</summary>
    /// <exception cref="StoreRefusedException">It is empty, another program's, or its schema is not this version's.</exception>
    public static void RequireReadable(SqliteStoreOptions options)
    {
        using var database = SqliteDatabase.Open(options.Path, SqliteOpenMode.ReadOnly, options.BusyWait);
        SqliteSchema.RequireOursOrEmpty(database);
        LostLog.RefuseTables(options, database);
        SqliteSchema.RequireCurrent(database);
    }

    public IEnumerable<StoredSegment> ReadSegments() => SegmentsOf(database.Prepare("""
        select e.verified, e.hash, e.signature, e.header, e.payload, coalesce(c.branch, 0)
        from events e left join chains c on c.chain = e.chain order by e.position
        """));

    public IEnumerable<StoredSegment> ReadChain(ChainId chain, long first, long last) => last < first ? [] : SegmentsOf(database.Prepare($"""
        select e.verified, e.hash, e.signature, e.header, e.payload, @branch
        from segments s join events e on e.position between s.position and s.position + s.last - s.first
        where s.chain = {ChainKey} and s.last >= @first
        order by s.last, e.position
        """).Bind(1, chain.Branch).Bind(2, chain.Agent).Bind(3, chain.Epoch).Bind(4, first)).TakeWhile(stored => stored.Segment.First <= last);

    public IEnumerable<EventRecord> ReadRecords(ChainId chain, long first, long last) => ReadChain(chain, first, last)
        .SelectMany(stored => stored.Segment.Records)
        .Where(record => record.Id.Sequence >= first && record.Id.Sequence <= last);

    public EventRecord? FindRecord(EventId id)
    {
        var row = database.Prepare($"""
            select e.verified, e.hash, e.signature, e.header, e.payload, @branch
            from segments s join events e on e.position = s.position + @sequence - s.first
            where s.chain = {ChainKey} and s.last >= @sequence and s.first <= @sequence
            order by s.last limit 1
            """).Bind(1, id.Branch).Bind(2, id.Sequence).Bind(3, id.Agent).Bind(4, id.Epoch);
        return FirstOf(row, RecordOf);
    }

    public IEnumerable<AgentId> ReadHolders() => RowsOf(
        database.Prepare("select agent from holders h where exists (select 1 from runs where holder = h.holder) order by agent"),
        row => AgentId.FromBytes(row.Blob(0)));

    public IEnumerable<Run> ReadRuns(AgentId holder, long from) => RowsOf(
        database.Prepare($"""
            select {RunColumns} from runs r join chains c on c.chain = r.chain
            where r.holder = {HolderKey}
              and r.position >= coalesce((select max(position) from runs where holder = {HolderKey} and position <= @from), 0)
              and r.position + r.last - r.first >= @from
            order by r.position
            """).Bind(1, holder).Bind(2, from),
        row => RunOf(row, holder));

    public Run? FindRun(AgentId holder, EventId id) => FirstOf(
        database.Prepare($"""
            select {RunColumns} from runs r join chains c on c.chain = r.chain
            where r.holder = {HolderKey} and r.chain = {ChainKey} and r.last >= @sequence and r.first <= @sequence
            order by r.last limit 1
            """).Bind(1, holder).Bind(2, id.Agent).Bind(3, id.Epoch).Bind(4, id.Branch).Bind(5, id.Sequence),
        row => RunOf(row, holder));

    public Receipt? FindReceipt(AgentId holder, long number) => FirstOf(
        database.Prepare($"select {ReceiptColumns} from receipts where holder = {HolderKey} and number = @number")
            .Bind(1, holder).Bind(2, number),
        row => ReceiptOf(row, holder));

    public IEnumerable<Receipt> ReadReceipts(AgentId holder, long after) => RowsOf(
        database.Prepare($"select {ReceiptColumns} from receipts where holder = {HolderKey} and number > @after order by number")
            .Bind(1, holder).Bind(2, after),
        row => ReceiptOf(row, holder));

    public IdempotencyEntry? FindIdempotency(AgentId agent, string key) => FirstOf(
        database.Prepare($"""
            select i.request_hash, c.agent, c.epoch, c.branch, i.sequence from idempotency i join chains c on c.chain = i.chain
            where i.holder = {HolderKey} and i.key = @key
            """).Bind(1, agent).Bind(2, key),
        row => new IdempotencyEntry(agent, key, new Hash(row.Blob(0)), ChainOf(row, 1)[row.Int64(4)]));

    public IEnumerable<SubscriptionPosition> ReadPositions(AgentId agent) => RowsOf(
        database.Prepare($"""
            select p.subscription, p.position, c.agent, c.epoch, c.branch, p.sequence from positions p left join chains c on c.chain = p.chain
            where p.holder = {HolderKey} order by p.subscription
            """).Bind(1, agent),
        row => PositionOf(row, agent));

    public void Dispose() => database.Dispose();

    private IEnumerable<StoredSegment> SegmentsOf(SqliteStatement rows)
    {
        List<EventRecord> records = [];
        foreach (var ended in RowsOf(rows, SegmentEndingAt))
            if (ended is { } segment) yield return segment;

        StoredSegment? SegmentEndingAt(SqliteStatement row)
        {
            records.Add(RecordOf(row));
            if (row.IsNull(2)) return null;
            var segment = new Segment([.. records], row.Blob(2).ToArray());
            records.Clear();
            return new StoredSegment(segment, row.Int64(0) != 0);
        }
    }

    private IEnumerable<T> RowsOf<T>(SqliteStatement statement, Func<SqliteStatement, T> read)
    {
        try
        {
            while (statement.Step()) yield return Whole(statement, read);
        }
        finally
        {
            statement.Reset();
        }
    }

    private T? FirstOf<T>(SqliteStatement statement, Func<SqliteStatement, T> read) where T : class
    {
        try
        {
            return statement.Step() ? Whole(statement, read) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    private T Whole<T>(SqliteStatement row, Func<SqliteStatement, T> read)
    {
        try
        {
            return read(row);
        }
        catch (Exception e) when (e is MalformedRecordException or ArgumentException)
        {
            throw new StoreUnavailableException(
                $"The store {database.Path} is damaged: {e.Message} tavern fsck says what is wrong, and repairs what other agents have.", e);
        }
    }

    private static EventRecord RecordOf(SqliteStatement row) =>
        EventRecord.ParseTrusted(row.Blob(3).ToArray(), row.Blob(4).ToArray(), new Hash(row.Blob(1))).InBranch(row.Int32(5));

    private static ChainId ChainOf(SqliteStatement row, int column) => new(AgentId.FromBytes(row.Blob(column)), row.Int32(column + 1), row.Int32(column + 2));

    private static Run RunOf(SqliteStatement row, AgentId holder) =>
        new(holder, row.Int64(0), ChainOf(row, 1), row.Int64(4), row.Int64(5), row.Int32(6), row.Int64(7));

    /// <summary>Columns: name, position, and the agent, epoch, branch and sequence of the event that was emitted with it.</summary>
    public static SubscriptionPosition PositionOf(SqliteStatement row, AgentId agent) =>
        new(agent, row.Text(0), row.Int64(1), row.IsNull(5) ? null : ChainOf(row, 2)[row.Int64(5)]);

    private static Receipt ReceiptOf(SqliteStatement row, AgentId holder) => new(
        holder, row.Int64(0), AgentId.FromBytes(row.Blob(1)), unchecked((ulong)row.Int64(2)), (DeliveryMode)row.Int32(3),
        DateTimeOffset.UnixEpoch.AddTicks(row.Int64(4)), row.Int32(5), (ReceiptOutcome)row.Int32(6),
        row.IsNull(7) ? null : row.Text(7), row.Int64(8));
}
