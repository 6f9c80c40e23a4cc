using Tavern.EventSourced.Events;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Writes records into a new database: copies of rows, and segments from elsewhere.</summary>
internal sealed class EventRows(SqliteDatabase old, SqliteDatabase made)
{
    // One by one: a scan would touch the page behind its last row, which may be a damaged one.
    private readonly SqliteStatement _read = old.Prepare("select position, chain, sequence, verified, hash, signature, header, payload from events where position = @position");

    private readonly SqliteStatement _write = made.Prepare("""
        insert into events (position, chain, sequence, verified, hash, signature, header, payload)
        values (@position, @chain, @sequence, @verified, @hash, @signature, @header, @payload)
        """);

    private readonly SqliteStatement _segment = made.Prepare("insert into segments (chain, last, first, position) values (@chain, @last, @first, @position)");

    /// <summary>Copies the rows of a segment that holds.</summary>
    public void Copy(CheckedSegment segment, long to, long chain)
    {
        for (var offset = 0L; offset <= segment.Last - segment.First; offset++)
        {
            if (!_read.Bind(1, segment.Position + offset).Step()) throw new InvalidOperationException($"Position {segment.Position + offset} was there a moment ago.");
            Write(to + offset, chain, segment.First + offset, _read.Int64(3) == 1 && !_read.IsNull(5) ? 1 : 0);
            _read.Reset();
        }
    }

    /// <summary>Copies one row as it is; false when it cannot be read, or no such row may be written.</summary>
    public bool TryCopy(long position, long to)
    {
        try
        {
            if (!_read.Bind(1, position).Step()) return false;
            Write(to, _read.Int64(1), _read.Int64(2), _read.Int64(3));
            return true;
        }
        catch (Exception e) when (e is StoreUnavailableException or Microsoft.Data.Sqlite.SqliteException)
        {
            return false;
        }
        finally
        {
            _read.Reset();
        }
    }

    /// <summary>Writes a segment that came from a peer and was checked.</summary>
    public void Add(Segment segment, long position, long chain)
    {
        foreach (var record in segment.Records)
        {
            var isLast = record.Id.Sequence == segment.Last;
            _write.Bind(1, position++).Bind(2, chain).Bind(3, record.Id.Sequence).Bind(4, isLast ? 1 : 0).Bind(5, record.Hash);
            if (isLast) _write.Bind(6, segment.Signature.Span);
            else _write.BindNull(6);
            _write.Bind(7, record.HeaderBytes.Span).Bind(8, record.Payload.Span).Run();
        }
    }

    public void AddSegment(long chain, long first, long last, long position) => _segment.Bind(1, chain).Bind(2, last).Bind(3, first).Bind(4, position).Run();

    private void Write(long position, long chain, long sequence, long verified)
    {
        _write.Bind(1, position).Bind(2, chain).Bind(3, sequence).Bind(4, verified).Bind(5, _read.Blob(4));
        if (_read.IsNull(5)) _write.BindNull(6);
        else _write.Bind(6, _read.Blob(5));
        _write.Bind(7, _read.Blob(6)).Bind(8, _read.Blob(7)).Run();
    }
}
