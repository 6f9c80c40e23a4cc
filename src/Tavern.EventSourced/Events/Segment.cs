using System.Buffers.Binary;
using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>A run of a chain between two signed heads: the unit that travels, is delivered, and is counted. Its author fixes
/// where it starts and ends by where it signs.</summary>
public sealed class Segment
{
    private static readonly byte[] SignatureDomain = "tavern head v1\0\0"u8.ToArray();

    /// <summary>Takes records that follow each other in one chain.</summary>
    /// <exception cref="MalformedRecordException">No records; records of several chains, out of order, not linked by their hashes; or
    /// dependencies anywhere but on the first; several records of more than 64 KiB.</exception>
    public Segment(ImmutableArray<EventRecord> records, ReadOnlyMemory<byte> signature)
    {
        if (records.IsDefaultOrEmpty) throw new MalformedRecordException("A segment holds at least one record; got none.");
        var bytes = records[0].Bytes;
        for (var i = 1; i < records.Length; i++)
        {
            var (before, record) = (records[i - 1], records[i]);
            if (record.Id != before.Id.Chain[before.Id.Sequence + 1])
                throw new MalformedRecordException($"Record {record.Id} follows {before.Id} in a segment; expected {before.Id.Chain[before.Id.Sequence + 1]}.");
            if (record.Header.Previous != before.Hash) throw new MalformedRecordException($"Record {record.Id} does not name the hash of {before.Id}.");
            if (record.Header.Deps is not null) throw new MalformedRecordException($"Record {record.Id} carries dependencies but is not the first of its segment.");
            bytes += record.Bytes;
        }

        if (records.Length > 1 && bytes > EventLimits.SegmentBytesMax)
            throw new MalformedRecordException($"The segment from {records[0].Id} on has {bytes} bytes in several records; the limit is {EventLimits.SegmentBytesMax}.");

        Records = records;
        Signature = signature;
        Bytes = bytes;
    }

    private Segment(Segment same, int branch)
    {
        Records = [.. same.Records.Select(record => record.InBranch(branch))];
        (Signature, Bytes) = (same.Signature, same.Bytes);
    }

    /// <summary>The records, at least one, by sequence.</summary>
    public ImmutableArray<EventRecord> Records { get; }

    /// <summary>The author's signature over <see cref="SignedContent"/> of the last record.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Headers and payloads together, in bytes.</summary>
    public int Bytes { get; }

    /// <summary>The chain all records belong to.</summary>
    public ChainId Chain => Records[0].Id.Chain;

    /// <summary>Sequence of the first record.</summary>
    public long First => Records[0].Id.Sequence;

    /// <summary>Sequence of the last record.</summary>
    public long Last => Records[^1].Id.Sequence;

    /// <summary>Hash of the last record.</summary>
    public Hash HeadHash => Records[^1].Hash;

    /// <summary>The same segment, named in a branch of its chain.</summary>
    public Segment InBranch(int branch) => branch == Chain.Branch ? this : new Segment(this, branch);

    /// <summary>The same without its first records, of which at least one stays: what is left for somebody who holds those already.</summary>
    public Segment Without(int first) => first == 0 ? this : new Segment(Records[first..], Signature);

    /// <summary>What the first record depends on besides its predecessor, as its writer names it.</summary>
    public ImmutableArray<EventId> Dependencies => Records[0].Header.Deps?.Heads ?? [];

    /// <summary>The bytes a head's signature covers: domain, tavern id, agent, epoch, sequence, record hash (all big-endian, 108 bytes).</summary>
    public static byte[] SignedContent(Hash tavern, EventId head, Hash hash)
    {
        var content = new byte[SignatureDomain.Length + Hash.Bytes + AgentId.Bytes + sizeof(int) + sizeof(long) + Hash.Bytes];
        var rest = content.AsSpan();
        SignatureDomain.CopyTo(rest);
        rest = rest[SignatureDomain.Length..];
        tavern.CopyTo(rest);
        rest = rest[Hash.Bytes..];
        head.Agent.CopyTo(rest);
        rest = rest[AgentId.Bytes..];
        BinaryPrimitives.WriteInt32BigEndian(rest, head.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(rest[sizeof(int)..], head.Sequence);
        hash.CopyTo(rest[(sizeof(int) + sizeof(long))..]);
        return content;
    }

    /// <summary>True when the author signed the last record.</summary>
    public bool IsSignedBy(ReadOnlySpan<byte> publicKey, Hash tavern, ISignatureVerifier verifier) =>
        verifier.Verify(publicKey, SignedContent(tavern, Records[^1].Id, HeadHash), Signature.Span);
}
