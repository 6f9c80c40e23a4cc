using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Writes segments. What it looked up is remembered within one transaction only: after any failure the stored heads are
/// read again.</summary>
internal sealed class BodyWriter(SqliteDatabase database)
{
    private readonly Dictionary<ChainId, List<Chain>> _lines = []; // of each chain, by branch
    private long _position;

    private readonly SqliteStatement _findLines = database.Prepare(
        "select chain, branch from chains where agent = @agent and epoch = @epoch order by branch");

    private readonly SqliteStatement _addChain = database.Prepare(
        "insert into chains (agent, epoch, branch) values (@agent, @epoch, @branch) returning chain");

    private readonly SqliteStatement _findFirst = database.Prepare("""
        select s.first, e.header from segments s join events e on e.position = s.position
        where s.chain = @chain order by s.last limit 1
        """);

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
        _lines.Clear();
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

        if (chain.Head > 0 || segment.Chain.Branch == 0)
        {
            if (segment.First != chain.Head + 1) throw StoreConflicts.DoesNotContinueChain(segment, chain.Head);
            if (chain.Head > 0 && segment.Records[0].Header.Previous != chain.HeadHash) throw StoreConflicts.NamesAnotherPredecessor(segment);
        }
        else if (segment.First > 1 && !LinesWith(segment.Chain, segment.First - 1, segment.Records[0].Header.Previous).Any())
        {
            throw StoreConflicts.LeavesNoLine(segment);
        }

        if (LinesWith(segment.Chain, segment.Last, segment.HeadHash).FirstOrDefault() is { Sequence: > 0 } elsewhere)
            throw StoreConflicts.HeldOnAnotherLine(segment, elsewhere);
        _addSegment.Bind(1, chain.Key).Bind(2, segment.Last).Bind(3, segment.First).Bind(4, _position + 1).Run();
        _addEvent.Bind(1, chain.Key).Bind(2, 0).BindNull(3); // bound once: a binding stays until it is replaced
        foreach (var record in segment.Records)
        {
            if (record.Id.Sequence == segment.Last) _addEvent.Bind(2, added.Verified ? 1 : 0).Bind(3, segment.Signature.Span);
            _addEvent.Bind(4, ++_position).Bind(5, record.Id.Sequence).Bind(6, record.Hash)
                .Bind(7, record.HeaderBytes.Span).Bind(8, record.Payload.Span).Run();
        }

        if (chain.Head == 0) chain.First = segment.First;
        (chain.Head, chain.HeadHash) = (segment.Last, segment.HeadHash);
    }

    /// <summary>The number of a chain in the database, and its held ends; null when nothing of it is held.</summary>
    public (long Key, long First, long Head)? Find(ChainId id) => FindChain(id) is { } chain ? (chain.Key, chain.First, chain.Head) : null;

    /// <summary>What a branch's first record follows, once per line that holds it: the number of that line, and the sequence there.</summary>
    public IEnumerable<(long Key, long Sequence)> PredecessorsOf(ChainId id)
    {
        if (FindChain(id) is not { First: > 1 } chain || !_findFirst.Bind(1, chain.Key).Step()) return [];
        var previous = EventHeader.Decode(_findFirst.Blob(1)).Previous;
        _findFirst.Reset();
        return LinesWith(id, chain.First - 1, previous).Select(held => (FindChain(held.Chain)!.Key, held.Sequence));
    }

    /// <summary>True when a record is held; also on a branch, from where it begins.</summary>
    public bool Holds(EventId id) => FindChain(id.Chain) is { } chain && id.Sequence >= chain.First && id.Sequence <= chain.Head;

    /// <summary>Marks the signature over a record as checked, when a segment ends there.</summary>
    public void MarkVerified(EventId head)
    {
        if (Holds(head)) _markVerified.Bind(1, FindRecord(FindChain(head.Chain)!, head.Sequence).Position).Run();
    }

    private void Skip(StoredSegment retried, Chain chain)
    {
        var segment = retried.Segment;
        (Hash Hash, long Position, long First, long Last) held = default;
        foreach (var record in segment.Records)
        {
            if (record.Id.Sequence < chain.First) throw StoreConflicts.AnotherRecordIsHeld(record.Id);
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
        _addChain.Bind(1, id.Agent).Bind(2, id.Epoch).Bind(3, id.Branch).Step();
        var added = new Chain(id, _addChain.Int64(0));
        _addChain.Run();
        LinesOf(id).Add(added);
        return added;
    }

    private Chain? FindChain(ChainId id) => LinesOf(id).Find(chain => chain.Id == id);

    /// <summary>Where a record is held on other lines of the chain.</summary>
    private IEnumerable<EventId> LinesWith(ChainId chain, long sequence, Hash hash) => LinesOf(chain)
        .Where(line => line.Id != chain && sequence >= line.First && sequence <= line.Head && FindRecord(line, sequence).Hash == hash)
        .Select(line => line.Id[sequence]);

    private List<Chain> LinesOf(ChainId id)
    {
        if (_lines.TryGetValue(id.Main, out var lines)) return lines;
        _lines.Add(id.Main, lines = []);
        _findLines.Bind(1, id.Agent).Bind(2, id.Epoch);
        while (_findLines.Step()) lines.Add(new Chain(id with { Branch = _findLines.Int32(1) }, _findLines.Int64(0)));
        foreach (var line in lines)
        {
            if (!_findHead.Bind(1, line.Key).Step()) continue;
            (line.Head, line.HeadHash) = (_findHead.Int64(0), new Hash(_findHead.Blob(1)));
            _findHead.Reset();
            if (line.Id.Branch == 0 || !_findFirst.Bind(1, line.Key).Step()) continue;
            line.First = _findFirst.Int64(0);
            _findFirst.Reset();
        }

        return lines;
    }

    private sealed class Chain(ChainId id, long key)
    {
        public ChainId Id { get; } = id;

        public long Key { get; } = key;

        /// <summary>Lowest held sequence; above 1 only on a branch.</summary>
        public long First { get; set; } = 1;

        public long Head { get; set; }

        public Hash HeadHash { get; set; }
    }
}
