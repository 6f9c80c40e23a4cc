using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>Lines of chains that are new.</summary>
internal sealed class ChainRows : TableRows
{
    private readonly List<int> _chain;
    private readonly List<byte[]> _agent;
    private readonly List<int> _epoch;
    private readonly List<int> _branch;

    public ChainRows()
        : base("insert into chains (chain, agent, epoch, branch) select * from unnest($1, $2, $3, $4)") =>
        (_chain, _agent, _epoch, _branch) = (Column<int>(), Column<byte[]>(), Column<int>(), Column<int>());

    public void Add(int key, ChainId chain)
    {
        Count++;
        _chain.Add(key);
        _agent.Add(chain.Agent.ToByteArray());
        _epoch.Add(chain.Epoch);
        _branch.Add(chain.Branch);
    }
}

/// <summary>Holders of logs that are new.</summary>
internal sealed class HolderRows : TableRows
{
    private readonly List<int> _holder;
    private readonly List<byte[]> _agent;

    public HolderRows()
        : base("insert into holders (holder, agent) select * from unnest($1, $2)") =>
        (_holder, _agent) = (Column<int>(), Column<byte[]>());

    public void Add(int key, AgentId agent)
    {
        Count++;
        _holder.Add(key);
        _agent.Add(agent.ToByteArray());
    }
}

/// <summary>Records, in the order of delivery.</summary>
internal sealed class EventRows : TableRows
{
    private readonly List<long> _position;
    private readonly List<int> _chain;
    private readonly List<long> _sequence;
    private readonly List<bool> _verified;
    private readonly List<byte[]> _hash;
    private readonly List<byte[]?> _signature;
    private readonly List<ReadOnlyMemory<byte>> _header;
    private readonly List<ReadOnlyMemory<byte>> _payload;
    private readonly List<byte[]> _alias;
    private readonly List<DateTime> _at;
    private readonly List<bool> _json;

    public EventRows()
        : base("""
            insert into events (position, chain, sequence, verified, hash, signature, header, payload, alias, at, json_ok)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """)
    {
        (_position, _chain, _sequence, _verified) = (Column<long>(), Column<int>(), Column<long>(), Column<bool>());
        (_hash, _signature) = (Column<byte[]>(), Column<byte[]?>());
        (_header, _payload) = (Column<ReadOnlyMemory<byte>>(), Column<ReadOnlyMemory<byte>>());
        (_alias, _at, _json) = (Column<byte[]>(), Column<DateTime>(), Column<bool>());
    }

    /// <summary>Adds the records of a segment, side by side.</summary>
    public void Add(StoredSegment stored, int chain, long position)
    {
        foreach (var record in stored.Segment.Records)
        {
            var isLast = record.Id.Sequence == stored.Segment.Last;
            Count++;
            _position.Add(position++);
            _chain.Add(chain);
            _sequence.Add(record.Id.Sequence);
            _verified.Add(isLast && stored.Verified);
            _hash.Add(record.Hash.ToByteArray());
            _signature.Add(isLast ? stored.Segment.Signature.ToArray() : null);
            _header.Add(record.HeaderBytes);
            _payload.Add(record.Payload);
            var (alias, at, json) = PlainColumns.Of(record.Header, record.Payload.Span);
            _alias.Add(alias);
            _at.Add(at);
            _json.Add(json);
        }
    }
}

/// <summary>Where segments begin.</summary>
internal sealed class SegmentRows : TableRows
{
    private readonly List<int> _chain;
    private readonly List<long> _last;
    private readonly List<long> _first;
    private readonly List<long> _position;

    public SegmentRows()
        : base("insert into segments (chain, last, first, position) select * from unnest($1, $2, $3, $4)") =>
        (_chain, _last, _first, _position) = (Column<int>(), Column<long>(), Column<long>(), Column<long>());

    public void Add(Segment segment, int chain, long position)
    {
        Count++;
        _chain.Add(chain);
        _last.Add(segment.Last);
        _first.Add(segment.First);
        _position.Add(position);
    }
}

/// <summary>Checked signatures that take the place of unchecked ones.</summary>
internal sealed class CheckedRows : TableRows
{
    private readonly List<long> _position;
    private readonly List<byte[]> _signature;

    public CheckedRows()
        : base("""
            update events set verified = true, signature = better.signature
            from unnest($1, $2) better (position, signature)
            where events.position = better.position and not events.verified
            """) =>
        (_position, _signature) = (Column<long>(), Column<byte[]>());

    public void Add(long position, ReadOnlyMemory<byte> signature)
    {
        Count++;
        _position.Add(position);
        _signature.Add(signature.ToArray());
    }
}
