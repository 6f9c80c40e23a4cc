using System.Buffers.Binary;
using System.Security.Cryptography;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The fingerprint of a clock: the sum, modulo 2^128, of one term per chain. A term is the first 16 bytes of
/// SHA-256(key, agent, epoch, sequence, head hash), keyed by the tavern's id for domain separation. Sums are updated entry by
/// entry and can be compared by difference. An insider who tries 2^64 heads could make sums meet by design (Wagner 2002), so
/// every 64th equal exchange compares full clocks by hash.</summary>
public static class Fingerprint
{
    /// <summary>One entry's share; 0 for sequence 0.</summary>
    public static UInt128 Term(Hash tavern, ChainId chain, long sequence, Hash headHash)
    {
        if (sequence == 0) return 0;
        Span<byte> content = stackalloc byte[Hash.Bytes + AgentId.Bytes + sizeof(int) + sizeof(long) + Hash.Bytes];
        tavern.CopyTo(content);
        chain.Agent.CopyTo(content[Hash.Bytes..]);
        BinaryPrimitives.WriteInt32BigEndian(content[(Hash.Bytes + AgentId.Bytes)..], chain.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(content[(Hash.Bytes + AgentId.Bytes + sizeof(int))..], sequence);
        headHash.CopyTo(content[(Hash.Bytes + AgentId.Bytes + sizeof(int) + sizeof(long))..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }
}
