using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>A row of the events, read as far as it can be.</summary>
/// <param name="Header">Its header; null when it cannot be read.</param>
/// <param name="Stored">The hash that stands beside it; zero when that is none.</param>
/// <param name="Computed">SHA-256 of the header bytes.</param>
/// <param name="Whole">The record, when nothing about it is wrong.</param>
/// <param name="Flaw">What is wrong; null for nothing.</param>
internal sealed record StoredRecord(EventHeader? Header, Hash Stored, Hash Computed, EventRecord? Whole, string? Flaw)
{
    /// <summary>True when the header is the one the hash was taken of: then the header says where the record belongs.</summary>
    public bool ProvesItself => Header is not null && Stored == Computed;

    public static StoredRecord Read(StoredRow.Event row)
    {
        var stored = row.Hash.Length == Hash.Bytes ? new Hash(row.Hash.Span) : default;
        var computed = Hash.Of(row.Header.Span);
        EventHeader? header = null;
        try
        {
            header = EventHeader.Decode(row.Header.Span);
            if (stored != computed) return new StoredRecord(header, stored, computed, null, "Its header and the hash stored with it do not belong together.");
            return new StoredRecord(header, stored, computed, EventRecord.Parse(row.Header, row.Payload), null);
        }
        catch (MalformedRecordException e)
        {
            return new StoredRecord(header, stored, computed, null, e.Message);
        }
    }
}
