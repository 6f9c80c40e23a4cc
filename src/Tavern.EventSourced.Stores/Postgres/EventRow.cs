using Npgsql;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>A row of <c>events</c>: a record, and at the end of a segment the signature over it.</summary>
internal readonly record struct EventRow(EventRecord Record, bool Verified, byte[]? Signature)
{
    /// <summary>Columns: verified, hash, signature, header, payload, branch.</summary>
    public static EventRow Read(NpgsqlDataReader rows) => new(
        EventRecord.ParseTrusted(rows.GetFieldValue<byte[]>(3), rows.GetFieldValue<byte[]>(4), new Hash(rows.GetFieldValue<byte[]>(1))).InBranch(rows.GetInt32(5)),
        rows.GetBoolean(0),
        rows.IsDBNull(2) ? null : rows.GetFieldValue<byte[]>(2));

    /// <summary>Adds the record to those of its segment; the segment, when this is its last, and then the list is empty again.</summary>
    public StoredSegment? EndOf(List<EventRecord> records)
    {
        records.Add(Record);
        if (Signature is null) return null;
        var segment = new Segment([.. records], Signature);
        records.Clear();
        return new StoredSegment(segment, Verified);
    }
}
