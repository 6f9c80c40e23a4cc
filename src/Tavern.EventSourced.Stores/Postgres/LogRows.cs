using System.Text;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What agents deliver.</summary>
internal sealed class RunRows : TableRows
{
    private readonly List<int> _holder;
    private readonly List<long> _position;
    private readonly List<int> _chain;
    private readonly List<long> _first;
    private readonly List<long> _last;
    private readonly List<int> _hop;
    private readonly List<long> _receipt;

    public RunRows()
        : base("""
            insert into runs (holder, position, chain, first, last, hop, receipt)
            select * from unnest($1, $2, $3, $4, $5, $6, $7)
            """)
    {
        (_holder, _position, _chain) = (Column<int>(), Column<long>(), Column<int>());
        (_first, _last, _hop, _receipt) = (Column<long>(), Column<long>(), Column<int>(), Column<long>());
    }

    public void Add(Run run, int holder, int chain)
    {
        Count++;
        _holder.Add(holder);
        _position.Add(run.Position);
        _chain.Add(chain);
        _first.Add(run.First);
        _last.Add(run.Last);
        _hop.Add(run.Hop);
        _receipt.Add(run.Receipt);
    }
}

/// <summary>Receipts, at most one of each number: a statement writes a row once.</summary>
internal sealed class ReceiptRows : TableRows
{
    private readonly List<int> _holder;
    private readonly List<long> _number;
    private readonly List<byte[]> _peer;
    private readonly List<long> _exchange;
    private readonly List<int> _mode;
    private readonly List<long> _at;
    private readonly List<int> _bytes;
    private readonly List<int> _outcome;
    private readonly List<byte[]?> _detail;
    private readonly List<long> _count;

    public ReceiptRows()
        : base("""
            insert into receipts (holder, number, peer, exchange, mode, at, bytes, outcome, detail, count)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (holder, number) do update
            set peer = excluded.peer, exchange = excluded.exchange, mode = excluded.mode, at = excluded.at, bytes = excluded.bytes,
                outcome = excluded.outcome, detail = excluded.detail, count = excluded.count
            where excluded.count >= receipts.count
            """)
    {
        (_holder, _number, _peer, _exchange, _mode) = (Column<int>(), Column<long>(), Column<byte[]>(), Column<long>(), Column<int>());
        (_at, _bytes, _outcome, _detail, _count) = (Column<long>(), Column<int>(), Column<int>(), Column<byte[]?>(), Column<long>());
    }

    public void Add(Receipt receipt, int holder)
    {
        Count++;
        _holder.Add(holder);
        _number.Add(receipt.Number);
        _peer.Add(receipt.Peer.ToByteArray());
        _exchange.Add(unchecked((long)receipt.Exchange));
        _mode.Add((int)receipt.Mode);
        _at.Add((receipt.At - DateTimeOffset.UnixEpoch).Ticks);
        _bytes.Add(receipt.Bytes);
        _outcome.Add((int)receipt.Outcome);
        _detail.Add(receipt.Detail is { } detail ? Encoding.UTF8.GetBytes(detail) : null);
        _count.Add(receipt.Count);
    }
}

/// <summary>Idempotency keys that are new.</summary>
internal sealed class KeyRows : TableRows
{
    private readonly List<int> _holder;
    private readonly List<byte[]> _key;
    private readonly List<byte[]> _hash;
    private readonly List<int> _chain;
    private readonly List<long> _sequence;

    public KeyRows()
        : base("insert into idempotency (holder, key, request_hash, chain, sequence) select * from unnest($1, $2, $3, $4, $5)") =>
        (_holder, _key, _hash, _chain, _sequence) = (Column<int>(), Column<byte[]>(), Column<byte[]>(), Column<int>(), Column<long>());

    public void Add(IdempotencyEntry entry, int holder, int chain)
    {
        Count++;
        _holder.Add(holder);
        _key.Add(Encoding.UTF8.GetBytes(entry.Key));
        _hash.Add(entry.RequestHash.ToByteArray());
        _chain.Add(chain);
        _sequence.Add(entry.Event.Sequence);
    }
}

/// <summary>Where subscriptions stand after the commit, each at most once.</summary>
internal sealed class PositionRows : TableRows
{
    private readonly List<int> _holder;
    private readonly List<byte[]> _subscription;
    private readonly List<long> _position;
    private readonly List<int?> _chain;
    private readonly List<long?> _sequence;

    public PositionRows()
        : base("""
            insert into positions (holder, subscription, position, chain, sequence) select * from unnest($1, $2, $3, $4, $5)
            on conflict (holder, subscription) do update
            set position = excluded.position, chain = excluded.chain, sequence = excluded.sequence
            """)
    {
        (_holder, _subscription, _position) = (Column<int>(), Column<byte[]>(), Column<long>());
        (_chain, _sequence) = (Column<int?>(), Column<long?>());
    }

    public void Add(SubscriptionPosition reached, int holder, int? chain)
    {
        Count++;
        _holder.Add(holder);
        _subscription.Add(Encoding.UTF8.GetBytes(reached.Subscription));
        _position.Add(reached.Position);
        _chain.Add(chain);
        _sequence.Add(reached.By?.Sequence);
    }
}
