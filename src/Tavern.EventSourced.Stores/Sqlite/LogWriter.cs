using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Writes runs, receipts and idempotency keys. Remembers look-ups within one transaction only.</summary>
internal sealed class LogWriter(SqliteDatabase database, BodyWriter bodies)
{
    private readonly Dictionary<AgentId, long> _holders = [];

    private readonly SqliteStatement _findHolder = database.Prepare("select holder from holders where agent = @agent");

    private readonly SqliteStatement _addHolder = database.Prepare("insert into holders (agent) values (@agent) returning holder");

    private readonly SqliteStatement _findEnd = database.Prepare(
        "select position + last - first from runs where holder = @holder order by position desc limit 1");

    private readonly SqliteStatement _findRun = database.Prepare(
        "select chain, first, last, hop, receipt from runs where holder = @holder and position = @position");

    private readonly SqliteStatement _findDelivered = database.Prepare(
        "select last from runs where holder = @holder and chain = @chain order by last desc limit 1");

    private readonly SqliteStatement _addRun = database.Prepare("""
        insert into runs (holder, position, chain, first, last, hop, receipt)
        values (@holder, @position, @chain, @first, @last, @hop, @receipt)
        """);

    private readonly SqliteStatement _putReceipt = database.Prepare("""
        insert into receipts (holder, number, peer, exchange, mode, at, bytes, outcome, detail, count)
        values (@holder, @number, @peer, @exchange, @mode, @at, @bytes, @outcome, @detail, @count)
        on conflict (holder, number) do update
        set peer = excluded.peer, exchange = excluded.exchange, mode = excluded.mode, at = excluded.at, bytes = excluded.bytes,
            outcome = excluded.outcome, detail = excluded.detail, count = excluded.count
        where excluded.count >= receipts.count
        """);

    private readonly SqliteStatement _findKey = database.Prepare("""
        select i.request_hash, c.agent, c.epoch, c.branch, i.sequence from idempotency i join chains c on c.chain = i.chain
        where i.holder = @holder and i.key = @key
        """);

    private readonly SqliteStatement _addKey = database.Prepare(
        "insert into idempotency (holder, key, request_hash, chain, sequence) values (@holder, @key, @request_hash, @chain, @sequence)");

    /// <summary>Forgets what earlier transactions looked up.</summary>
    public void Begin() => _holders.Clear();

    /// <summary>Length of an agent's log.</summary>
    public long EndOf(long holder) => First(_findEnd.Bind(1, holder));

    /// <summary>Adds a run, or skips one that is held.</summary>
    /// <exception cref="StoreConflictException">It does not continue the log.</exception>
    public void Add(Run run)
    {
        var holder = HolderToChange(run.Holder);
        var chain = bodies.Find(run.Chain);
        var end = EndOf(holder);
        if (run.Position <= end)
        {
            if (chain is null || !IsHeld(run, holder, chain.Value.Key)) throw StoreConflicts.AnotherRunIsHeld(run);
            return;
        }

        if (run.Position != end + 1) throw StoreConflicts.DoesNotContinueLog(run, end);
        var last = chain is null ? 0 : DeliveredOf(holder, chain.Value.Key);
        var delivered = last > 0 ? last : (chain?.First ?? 1) - 1;
        if (run.First != delivered + 1 || run.Last < run.First) throw StoreConflicts.DeliversOutOfTurn(run, delivered);
        if (chain is null || run.Last > chain.Value.Head) throw StoreConflicts.BodiesAreMissing(run, chain?.Head ?? 0);
        if (last == 0 && delivered > 0 && !bodies.PredecessorsOf(run.Chain).Any(before => DeliveredOf(holder, before.Key) >= before.Sequence))
            throw StoreConflicts.LeavesNoDeliveredLine(run);
        _addRun.Bind(1, holder).Bind(2, run.Position).Bind(3, chain.Value.Key).Bind(4, run.First).Bind(5, run.Last)
            .Bind(6, run.Hop).Bind(7, run.Receipt).Run();
    }

    /// <summary>Adds a receipt, or replaces the one that stands for no more.</summary>
    public void Add(Receipt receipt) =>
        _putReceipt.Bind(1, HolderToChange(receipt.Holder)).Bind(2, receipt.Number).Bind(3, receipt.Peer)
            .Bind(4, unchecked((long)receipt.Exchange)).Bind(5, (int)receipt.Mode).Bind(6, (receipt.At - DateTimeOffset.UnixEpoch).Ticks)
            .Bind(7, receipt.Bytes).Bind(8, (int)receipt.Outcome).Bind(9, receipt.Detail).Bind(10, receipt.Count).Run();

    /// <summary>Adds a key, or skips one that is held.</summary>
    /// <exception cref="StoreConflictException">It was used for another request, or names an event that is not held.</exception>
    public void Add(IdempotencyEntry entry)
    {
        if (!bodies.Holds(entry.Event) || bodies.Find(entry.Event.Chain) is not { } chain)
            throw StoreConflicts.KeyIsTaken(entry, heldEvent: null);
        var holder = HolderToChange(entry.Agent);
        if (FindKey(entry, holder) is { } held)
        {
            if (held != entry) throw StoreConflicts.KeyIsTaken(entry, held.Event);
            return;
        }

        _addKey.Bind(1, holder).Bind(2, entry.Key).Bind(3, entry.RequestHash).Bind(4, chain.Key).Bind(5, entry.Event.Sequence).Run();
    }

    private long DeliveredOf(long holder, long chain) => First(_findDelivered.Bind(1, holder).Bind(2, chain));

    private bool IsHeld(Run run, long holder, long chain)
    {
        if (!_findRun.Bind(1, holder).Bind(2, run.Position).Step()) return false;
        var same = _findRun.Int64(0) == chain && _findRun.Int64(1) == run.First && _findRun.Int64(2) == run.Last
            && _findRun.Int64(3) == run.Hop && _findRun.Int64(4) == run.Receipt;
        _findRun.Reset();
        return same;
    }

    private IdempotencyEntry? FindKey(IdempotencyEntry asked, long holder)
    {
        if (!_findKey.Bind(1, holder).Bind(2, asked.Key).Step()) return null;
        var writer = new ChainId(AgentId.FromBytes(_findKey.Blob(1)), _findKey.Int32(2), _findKey.Int32(3));
        var held = new IdempotencyEntry(asked.Agent, asked.Key, new Hash(_findKey.Blob(0)), writer[_findKey.Int64(4)]);
        _findKey.Reset();
        return held;
    }

    /// <summary>The number of an agent in the database; it gets one when it has none.</summary>
    public long HolderToChange(AgentId agent)
    {
        if (_holders.TryGetValue(agent, out var holder)) return holder;
        holder = First(_findHolder.Bind(1, agent));
        if (holder == 0) holder = First(_addHolder.Bind(1, agent));
        _holders.Add(agent, holder);
        return holder;
    }

    /// <summary>The first column of the first row, 0 when there is none; keys and positions start at 1.</summary>
    private static long First(SqliteStatement statement)
    {
        if (!statement.Step()) return 0;
        var value = statement.Int64(0);
        statement.Run(); // to its end: an insert is complete only then
        return value;
    }
}
