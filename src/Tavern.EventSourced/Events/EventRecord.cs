using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>An event as it is stored and travels: header and payload bytes, verbatim. Immutable.</summary>
public sealed class EventRecord
{
    private EventRecord(EventHeader header, ReadOnlyMemory<byte> headerBytes, ReadOnlyMemory<byte> payload, Hash hash, int branch = 0)
    {
        Id = header.Id with { Branch = branch };
        Header = header;
        HeaderBytes = headerBytes;
        Payload = payload;
        Hash = hash;
    }

    /// <summary>The decoded header.</summary>
    public EventHeader Header { get; }

    /// <summary>The header as its writer encoded it; unknown fields included.</summary>
    public ReadOnlyMemory<byte> HeaderBytes { get; }

    /// <summary>UTF-8 JSON, as its writer wrote it.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>SHA-256 of the header bytes. Names the record for ever.</summary>
    public Hash Hash { get; }

    /// <summary>Writer, epoch and sequence, and the branch that this node put it into: 0 unless it came from <see cref="InBranch"/>.</summary>
    public EventId Id { get; }

    /// <summary>Header and payload together, in bytes.</summary>
    public int Bytes => HeaderBytes.Length + Payload.Length;

    /// <summary>The same record, named in a branch of its chain.</summary>
    public EventRecord InBranch(int branch) => branch == Id.Branch ? this : new EventRecord(Header, HeaderBytes, Payload, Hash, branch);

    /// <summary>Encodes a header that its writer just made.</summary>
    /// <exception cref="MalformedRecordException">Header or payload is over its limit, or the payload is another than the header names.</exception>
    public static EventRecord Create(EventHeader header, ReadOnlyMemory<byte> payload)
    {
        var bytes = header.Encode();
        if (bytes.Length > EventLimits.HeaderBytesMax)
            throw new MalformedRecordException($"The header of {header.Id} has {bytes.Length} bytes; the limit is {EventLimits.HeaderBytesMax}.");
        return Checked(header, bytes, payload);
    }

    /// <summary>Reads a record that was received or stored, and checks that the payload is the one the header names.</summary>
    /// <exception cref="MalformedRecordException">The bytes are not such a record.</exception>
    public static EventRecord Parse(ReadOnlyMemory<byte> headerBytes, ReadOnlyMemory<byte> payload) =>
        Checked(EventHeader.Decode(headerBytes.Span), headerBytes, payload);

    /// <summary>Reads a record from one's own store, whose payload was checked when it was delivered.</summary>
    /// <exception cref="MalformedRecordException">The bytes are not a header.</exception>
    public static EventRecord ParseTrusted(ReadOnlyMemory<byte> headerBytes, ReadOnlyMemory<byte> payload, Hash hash) =>
        new(EventHeader.Decode(headerBytes.Span), headerBytes, payload, hash);

    private static EventRecord Checked(EventHeader header, ReadOnlyMemory<byte> headerBytes, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > EventLimits.PayloadBytesMax)
            throw new MalformedRecordException($"The payload of {header.Id} has {payload.Length} bytes; the limit is {EventLimits.PayloadBytesMax}.");
        return Hash.Of(payload.Span) == header.PayloadHash
            ? new EventRecord(header, headerBytes, payload, Hash.Of(headerBytes.Span))
            : throw new MalformedRecordException($"The payload of {header.Id} is not the one its header names.");
    }
}
