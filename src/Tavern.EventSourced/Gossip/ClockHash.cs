using System.Buffers.Binary;
using System.Security.Cryptography;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The comparison that a chosen collision of fingerprints cannot pass: SHA-256 over both nonces and the whole clock.</summary>
internal static class ClockHash
{
    /// <summary>SHA-256(initiator's nonce, responder's nonce, per tip in order: agent, epoch, sequence, term).</summary>
    public static Hash Of(ulong initiatorNonce, ulong responderNonce, IEnumerable<ClockClaim> sortedClock)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> entry = stackalloc byte[AgentId.Bytes + sizeof(int) + sizeof(long) + 16];
        BinaryPrimitives.WriteUInt64BigEndian(entry, initiatorNonce);
        BinaryPrimitives.WriteUInt64BigEndian(entry[sizeof(ulong)..], responderNonce);
        sha.AppendData(entry[..(2 * sizeof(ulong))]);
        foreach (var claim in sortedClock)
        {
            claim.Chain.Agent.CopyTo(entry);
            BinaryPrimitives.WriteInt32BigEndian(entry[AgentId.Bytes..], claim.Chain.Epoch);
            BinaryPrimitives.WriteInt64BigEndian(entry[(AgentId.Bytes + sizeof(int))..], claim.Sequence);
            BinaryPrimitives.WriteUInt128BigEndian(entry[(AgentId.Bytes + sizeof(int) + sizeof(long))..], claim.Term);
            sha.AppendData(entry);
        }

        return new Hash(sha.GetHashAndReset());
    }
}
