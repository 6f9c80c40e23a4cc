using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>A record with what shows that its writer signed it: the headers from it to the end of its segment, each of which names the hash of the one
/// before, and the signature there. Payloads of the other records are not needed. Immutable.</summary>
public sealed class SignedExcerpt
{
    private readonly EventId _head;
    private readonly Hash _headHash;

    /// <summary>Takes headers that follow each other in one chain.</summary>
    /// <param name="headers">Of the record, then of those after it in its segment; verbatim.</param>
    /// <param name="payload">The record's; empty when it is left out.</param>
    /// <param name="signature">The one at the end of the segment.</param>
    /// <exception cref="MalformedRecordException">No headers; one is none, or does not follow the one before; or the payload is another record's.</exception>
    public SignedExcerpt(ImmutableArray<ReadOnlyMemory<byte>> headers, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature)
    {
        if (headers.IsDefaultOrEmpty) throw new MalformedRecordException("An excerpt holds at least one header; got none.");
        First = EventHeader.Decode(headers[0].Span);
        Record = payload.IsEmpty ? null : EventRecord.Parse(headers[0], payload);
        (Hash, _head, _headHash) = (Hash.Of(headers[0].Span), First.Id, Hash.Of(headers[0].Span));
        foreach (var bytes in headers.AsSpan()[1..])
        {
            var header = EventHeader.Decode(bytes.Span);
            if (header.Id != _head.Chain[_head.Sequence + 1] || header.Previous != _headHash)
                throw new MalformedRecordException($"Header {header.Id} does not follow {_head} in an excerpt.");
            (_head, _headHash) = (header.Id, Hash.Of(bytes.Span));
        }

        (Headers, Payload, Signature) = (headers, payload, signature);
    }

    /// <summary>The record's header and those after it, at least one.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Headers { get; }

    /// <summary>The record's payload; empty when it is left out.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The writer's signature at the end of the segment.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The record's header.</summary>
    public EventHeader First { get; }

    /// <summary>The record's hash.</summary>
    public Hash Hash { get; }

    /// <summary>The record; null when its payload is left out.</summary>
    public EventRecord? Record { get; }

    /// <summary>Headers, payload and signature together, in bytes.</summary>
    public int Bytes => Headers.Sum(header => header.Length) + Payload.Length + Signature.Length;

    /// <summary>The excerpt that shows a record of a segment. The payload goes with it when it can say something about keys.</summary>
    /// <param name="segment">A segment as its writer signed it, or the end of one.</param>
    /// <param name="sequence">The record's; it is in the segment.</param>
    public static SignedExcerpt Of(Segment segment, long sequence)
    {
        var records = segment.Records[(int)(sequence - segment.First)..];
        var says = Voucher.From(records[0]) is not null || Rekey.From(records[0]) is not null;
        return new SignedExcerpt([.. records.Select(record => record.HeaderBytes)], says ? records[0].Payload : default, segment.Signature);
    }

    /// <summary>True when the holder of a key signed it.</summary>
    public bool IsSignedBy(ReadOnlySpan<byte> publicKey, Hash tavern, ISignatureVerifier verifier) =>
        verifier.Verify(publicKey, Segment.SignedContent(tavern, _head, _headHash), Signature.Span);
}
