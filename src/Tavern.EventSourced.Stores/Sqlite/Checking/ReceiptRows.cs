using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Writes one holder's receipts into a new database: those that are left, verbatim; in the places of those that are lost, rows
/// that say so, because runs and people name receipts by their numbers.</summary>
internal sealed class ReceiptRows(SqliteDatabase old, SqliteDatabase made, StoreCheck held, long holderKey, AgentId peer, DateTimeOffset now)
{
    private const int LostMax = 1_000_000; // more missing numbers are one number that was damaged

    private readonly HashSet<long> _deliveries = [];

    private readonly SqliteStatement _readExchange = old.Prepare("select exchange from receipts where holder = @holder and number = @number");

    private readonly SqliteStatement _write = made.Prepare("""
        insert into receipts (holder, number, peer, exchange, mode, at, bytes, outcome, detail, count)
        values (@holder, @number, @peer, @exchange, @mode, @at, @bytes, @outcome, @detail, @count)
        """);

    /// <summary>The highest number.</summary>
    public long Last { get; private set; }

    /// <summary>How many were replaced by rows that say so.</summary>
    public long Lost { get; private set; }

    /// <summary>True when the receipt is there and tells of a delivery.</summary>
    public bool IsDelivery(long number) => _deliveries.Contains(number);

    /// <summary>Copies what is left.</summary>
    /// <param name="rows">By number.</param>
    /// <param name="named">Numbers that runs name.</param>
    public void Copy(IEnumerable<StoredRow.Receipt> rows, IReadOnlySet<long> named)
    {
        foreach (var row in rows)
        {
            if (row.Number <= Last || row.Number > Last + LostMax) continue;
            while (Last < row.Number - 1) AddLost(named);
            if (held.FlawOf(row) is not null)
            {
                AddLost(named);
                continue;
            }

            var isDelivery = row.Outcome == (long)ReceiptOutcome.Delivered;
            if (isDelivery && !named.Contains(row.Number))
            {
                AddLost(named); // the run it brought is lost; what is delivered again has a receipt of its own
                continue;
            }

            Last = row.Number;
            if (isDelivery) _deliveries.Add(Last);
            Write(row.Peer.Span, Exchange(Last), row.Mode, row.At, row.Bytes, row.Outcome, row.Detail, row.Count);
        }

        while (named.Any(number => number > Last && number <= Last + LostMax)) AddLost(named);
    }

    /// <summary>The receipt for what is delivered again.</summary>
    public void AddRedelivery()
    {
        Last++;
        WriteOwn(ReceiptOutcome.Delivered, "Put into the log again by a repair: how it came here first is lost.");
    }

    private void AddLost(IReadOnlySet<long> named)
    {
        Last++;
        Lost++;
        if (!named.Contains(Last))
        {
            WriteOwn(ReceiptOutcome.Rejected, "The receipt with this number was damaged or lost; a repair put this in its place.");
            return;
        }

        _deliveries.Add(Last);
        WriteOwn(ReceiptOutcome.Delivered, "The receipt of this delivery was damaged or lost; a repair put this in its place.");
    }

    private void WriteOwn(ReceiptOutcome outcome, string detail)
    {
        Span<byte> id = stackalloc byte[AgentId.Bytes];
        peer.CopyTo(id);
        Write(id, 0, (long)DeliveryMode.Imported, (now - DateTimeOffset.UnixEpoch).Ticks, 0, (long)outcome, detail, 1);
    }

    private void Write(ReadOnlySpan<byte> from, long exchange, long mode, long at, long bytes, long outcome, string? detail, long count) =>
        _write.Bind(1, holderKey).Bind(2, Last).Bind(3, from).Bind(4, exchange).Bind(5, mode).Bind(6, at).Bind(7, bytes).Bind(8, outcome).Bind(9, detail).Bind(10, count).Run();

    private long Exchange(long number)
    {
        if (!_readExchange.Bind(1, holderKey).Bind(2, number).Step()) return 0;
        var exchange = _readExchange.Int64(0);
        _readExchange.Reset();
        return exchange;
    }
}
