using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Writes segments. What it looked up is remembered within one transaction only: after any failure the stored heads are
/// read again.</summary>
internal sealed class BodyWriter(SqliteDatabase database)
{
    private readonly Dictionary<ChainId, Chain> _chains = [];
    private long _position;

    private readonly SqliteStatement _findChain = database.Prepare(
        "select chain from chains where agent = @agent and epoch = @epoch and branch = 0");

    private readonly SqliteStatement _addChain = database.Prepare("insert into chains (agent, epoch) values (@agent, @epoch) returning chain");

    private readonly SqliteStatement _findHead = database.Prepare("""
        select s.last, e.hash from segments s join events e on e.position = s.position + s.last - s.first
        where s.chain = @chain order by s.last desc limit 1
        """);

    private readonly SqliteStatement _findRecord = database.Prepare("""
        select e.hash, e.position, s.first, s.last from segments s join events e on e.position = s.position + @sequence - s.first
        where s.chain = @chain and s.last >= @sequence order by s.last limit 1
        """);

    private readonly SqliteStatement _addSegment = database.Prepare(
        "insert into segments (chain, last, first, position) values (@chain, @last, @first, @position)");

    private readonly SqliteStatement _addEvent = database.Prepare("""
        insert into events (chain, verified, signature, position, sequence, hash, header, payload)
        values (@chain, @verified, @signature, @position, @sequence, @hash, @header, @payload)
        """);

    private readonly SqliteStatement _verify = database.Prepare(
        "update events set verified = 1, signature = @signature where position = @position and verified = 0");

    private readonly SqliteStatement _markVerified = database.Prepare(
        "update events set verified = 1 where position = @position and verified = 0 and signature is not null");

    /// <summary>Forgets what earlier transactions looked up.</summary>
    public void Begin()
    {
        _chains.Clear();
        _position = database.FindInt64("select max(position) from events") ?? 0;
    }

    /// <summary>Adds a segment, or skips one whose records are held.</summary>
    /// <exception cref="StoreConflictException">It does not continue its chain, or other records are held in its place.</exception>
    public void Add(StoredSegment added)
    {
        var segment = added.Segment;
        var chain = ChainToChange(segment.Chain);
        if (segment.Last <= chain.Head)
        {
            Skip(added, chain);
            return;
        }

        if (segment.First != chain.Head + 1) throw StoreConflicts.DoesNotContinueChain(segment, chain.Head);
        if (chain.Head > 0 && segment.Records[0].Header.Previous != chain.HeadHash) throw StoreConflicts.NamesAnotherPredecessor(segment);
        _addSegment.Bind(1, chain.Key).Bind(2, segment.Last).Bind(3, segment.First).Bind(4, _position + 1).Run();
        _addEvent.Bind(1, chain.Key).Bind(2, 0).BindNull(3); // bound once: a binding stays until it is replaced
        foreach (var record in segment.Records)
        {
            if (record.Id.Sequence == segment.Last) _addEvent.Bind(2, added.Verified ? 1 : 0).Bind(3, segment.Signature.Span);
            _addEvent.Bind(4, ++_position).Bind(5, record.Id.Sequence).Bind(6, record.Hash)
                .Bind(7, record.HeaderBytes.Span).Bind(8, record.Payload.Span).Run();
        }

        (chain.Head, chain.HeadHash) = (segment.Last, segment.HeadHash);
    }

    /// <summary>The number of a chain in the database, and its held head; null when nothing of it is held.</summary>
    public (long Key, long Head)? Find(ChainId id) => FindChain(id) is { } chain ? (chain.Key, chain.Head) : null;

    /// <summary>Marks the signature over a record as checked, when a segment ends there.</summary>
    public void MarkVerified(EventId head)
    {
        if (FindChain(head.Chain) is { } chain && head.Sequence >= 1 && head.Sequence <= chain.Head)
            _markVerified.Bind(1, FindRecord(chain, head.Sequence).Position).Run();
    }

    private void Skip(StoredSegment retried, Chain chain)
    {
        var segment = retried.Segment;
        (Hash Hash, long Position, long First, long Last) held = default;
        foreach (var record in segment.Records)
        {
            held = FindRecord(chain, record.Id.Sequence);
            if (held.Hash != record.Hash) throw StoreConflicts.AnotherRecordIsHeld(record.Id);
        }

        if (retried.Verified && held.First == segment.First && held.Last == segment.Last)
            _verify.Bind(1, segment.Signature.Span).Bind(2, held.Position).Run();
    }

    private (Hash Hash, long Position, long First, long Last) FindRecord(Chain chain, long sequence)
    {
        if (!_findRecord.Bind(1, sequence).Bind(2, chain.Key).Step())
            throw new StoreUnavailableException($"The store {database.Path} is damaged: {chain.Id[sequence]} is missing below its chain's head. tavern fsck says what is wrong.");
        var found = (new Hash(_findRecord.Blob(0)), _findRecord.Int64(1), _findRecord.Int64(2), _findRecord.Int64(3));
        _findRecord.Reset();
        return found;
    }

    private Chain ChainToChange(ChainId id)
    {
        if (FindChain(id) is { } found) return found;
        _addChain.Bind(1, id.Agent).Bind(2, id.Epoch).Step();
        var added = new Chain(id, _addChain.Int64(0));
        _addChain.Run();
        _chains.Add(id, added);
        return added;
    }

    private Chain? FindChain(ChainId id)
    {
        if (_chains.TryGetValue(id, out var chain)) return chain;
        if (!_findChain.Bind(1, id.Agent).Bind(2, id.Epoch).Step()) return null;
        chain = new Chain(id, _findChain.Int64(0));
        _findChain.Reset();
        if (_findHead.Bind(1, chain.Key).Step())
        {
            (chain.Head, chain.HeadHash) = (_findHead.Int64(0), new Hash(_findHead.Blob(1)));
            _findHead.Reset();
        }

        _chains.Add(id, chain);
        return chain;
    }

    private sealed class Chain(ChainId id, long key)
    {
        public ChainId Id { get; } = id;

        public long Key { get; } = key;

        public long Head { get; set; }

        public Hash HeadHash { get; set; }
    }
}
