using System.Buffers.Binary;
using System.Security.Cryptography;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Simulation.Checks;

/// <summary>SHA-256 over the logs of all agents, by number: every run with its records' hashes, its hops, and the receipt that brought it.</summary>
internal static class RunDigest
{
    /// <summary>The digest.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="index">What holds the records of an agent's log.</param>
    public static string Of(IEnumerable<SimulatedAgent> agents, Func<SimulatedAgent, SegmentIndex> index)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var agent in agents)
        {
            sha.AppendData(agent.Id.ToByteArray());
            var held = index(agent);
            foreach (var run in agent.Log)
            {
                Append(sha, number, run.Position);
                Append(sha, number, run.Hop);
                Append(sha, number, run.Receipt);
                for (var sequence = run.First; sequence <= run.Last; sequence++)
                    if (held.TryGetHash(run.Chain[sequence], out var hash)) sha.AppendData(hash.ToByteArray());
            }

            foreach (var receipt in agent.Receipts.OrderBy(receipt => receipt.Number)) Append(sha, number, receipt);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private static void Append(IncrementalHash sha, Span<byte> buffer, Receipt receipt)
    {
        Append(sha, buffer, receipt.Number);
        sha.AppendData(receipt.Peer.ToByteArray());
        Append(sha, buffer, (long)receipt.Exchange);
        Append(sha, buffer, (long)receipt.Outcome);
        Append(sha, buffer, receipt.Count);
    }

    private static void Append(IncrementalHash sha, Span<byte> buffer, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(buffer, value);
        sha.AppendData(buffer);
    }
}
