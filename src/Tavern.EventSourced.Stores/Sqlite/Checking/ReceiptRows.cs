using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Writes one holder's receipts into a new database: those that are left, verbatim; in the places of those that are lost, rows
/// that say so, because runs and people name receipts by their numbers.</summary>
internal sealed class ReceiptRows
{
    private const int LostMax = 1_000_000; // more missing numbers are one number that was damaged

    private readonly SortedDictionary<long, StoredRow.Receipt> _whole = [];
    private readonly long _holderKey;
    private readonly AgentId _peer;
    private readonly DateTimeOffset _now;
    private readonly SqliteStatement _write;

    /// <summary>Looks at what is left.</summary>
    /// <param name="made">The new one.</param>
    /// <param name="held">What the new one holds.</param>
    /// <param name="holderKey">The holder's number.</param>
    /// <param name="peer">Whom rows name that stand for lost ones.</param>
    /// <param name="now">Dates those.</param>
    /// <param name="rows">The holder's receipts, by number.</param>
    /// <param name="runs">The holder's runs that are left.</param>
    public ReceiptRows(
        SqliteDatabase made, StoreCheck held, long holderKey, AgentId peer, DateTimeOffset now,
        IReadOnlyList<StoredRow.Receipt> rows, IReadOnlyList<StoredRow.Run> runs)
    {
        (_holderKey, _peer, _now) = (holderKey, peer, now);
        _write = made.Prepare("""
            insert into receipts (holder, number, peer, exchange, mode, at, bytes, outcome, detail, count)
            values (@holder, @number, @peer, @exchange, @mode, @at, @bytes, @outcome, @detail, @count)
            """);
        foreach (var row in rows)
        {
            if (row.Number <= Last || row.Number > Last + LostMax) continue;
            Last = row.Number;
            if (held.FlawOf(row) is null) _whole.Add(row.Number, row);
        }

        foreach (var number in runs.Select(run => run.ReceiptNumber).Distinct().Order())
            if (number == Last + 1) Last = number; // the last ones are lost, but runs name them
    }

    /// <summary>The highest number.</summary>
    public long Last { get; }

    /// <summary>How many were replaced by rows that say so.</summary>
    public long Lost { get; private set; }

    /// <summary>True when the receipt tells of a delivery, or is lost and may have done so.</summary>
    public bool MayBeDelivery(long number) =>
        number >= 1 && number <= Last && (!_whole.TryGetValue(number, out var row) || row.Outcome == (long)ReceiptOutcome.Delivered);

    /// <summary>Writes them all.</summary>
    /// <param name="named">Numbers that runs of the new log name; one past <see cref="Last"/> is for what is delivered again.</param>
    public void Write(IReadOnlySet<long> named)
    {
        for (var number = 1L; number <= Last; number++)
        {
            var isDelivery = named.Contains(number);
            if (_whole.TryGetValue(number, out var row) && isDelivery == (row.Outcome == (long)ReceiptOutcome.Delivered))
            {
                Write(number, row.Peer.Span, row.Exchange, row.Mode, row.At, row.Bytes, row.Outcome, row.Detail, row.Count);
                continue;
            }

            Lost++;
            if (isDelivery) WriteOwn(number, ReceiptOutcome.Delivered, "The receipt of this delivery was damaged or lost; a repair put this in its place.");
            else WriteOwn(number, ReceiptOutcome.Rejected, "This receipt, or the run that it brought, was damaged or lost; a repair put this in its place.");
        }

        if (named.Contains(Last + 1)) WriteOwn(Last + 1, ReceiptOutcome.Delivered, "Put into the log again by a repair: how it came here first is lost.");
    }

    private void WriteOwn(long number, ReceiptOutcome outcome, string detail)
    {
        Span<byte> id = stackalloc byte[AgentId.Bytes];
        _peer.CopyTo(id);
        Write(number, id, 0, (long)DeliveryMode.Repaired, (_now - DateTimeOffset.UnixEpoch).Ticks, 0, (long)outcome, detail, 1);
    }

    private void Write(long number, ReadOnlySpan<byte> from, long exchange, long mode, long at, long bytes, long outcome, string? detail, long count) =>
        _write.Bind(1, _holderKey).Bind(2, number).Bind(3, from).Bind(4, exchange).Bind(5, mode).Bind(6, at).Bind(7, bytes).Bind(8, outcome).Bind(9, detail).Bind(10, count).Run();
}
