using System.Buffers.Binary;
using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>What both ends do between the TLS handshake and HTTP/2. The caller proves first: whom a listener hosts is not for strangers.
/// Each message is preceded by its length, 4 bytes, big-endian.</summary>
internal static class ProofExchange
{
    /// <summary>The caller's side. Reads no byte beyond the listener's proof.</summary>
    /// <param name="stream">The decrypted connection.</param>
    /// <param name="node">This node.</param>
    /// <param name="agents">Whom it speaks for.</param>
    /// <param name="other">The fingerprint of the listener's certificate.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProofRefusedException">One end does not believe the other.</exception>
    public static async Task<ProvenAgents> CallAsync(Stream stream, NodeProofs node, ImmutableHashSet<AgentId> agents, Hash other, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(stream, node.Prove(agents, ConnectionRole.Caller, other), cancellationToken).ConfigureAwait(false);
            var listener = await ReadProofAsync(stream, cancellationToken).ConfigureAwait(false);
            return await AcceptAsync(stream, node, listener, other, cancellationToken).ConfigureAwait(false);
        }
        catch (MalformedMessageException e)
        {
            throw new ProofRefusedException($"the proof cannot be used: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw new ProofRefusedException("it ended the connection before its proof: it wants a certificate, or has too many connections", e);
        }
    }

    /// <summary>Tells the listener whether the caller goes on, and if not, why.</summary>
    private static async Task<ProvenAgents> AcceptAsync(Stream stream, NodeProofs node, ProofMessage.Proof proof, Hash other, CancellationToken cancellationToken)
    {
        try
        {
            var listener = node.Read(proof, ConnectionRole.Listener, other);
            if (!listener.AnySpeaks()) throw new ProofRefusedException(listener.Doubt());
            await WriteAsync(stream, new ProofMessage.Accepted(), cancellationToken).ConfigureAwait(false);
            return listener;
        }
        catch (ProofRefusedException e)
        {
            await WriteAsync(stream, new ProofMessage.Refused(e.Message), cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The listener's side.</summary>
    /// <param name="stream">The decrypted connection. No byte beyond the caller's last message is taken.</param>
    /// <param name="node">This node.</param>
    /// <param name="other">The fingerprint of the caller's certificate.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProofRefusedException">One end does not believe the other. The caller was told.</exception>
    public static async Task<ProvenAgents> ListenAsync(Stream stream, NodeProofs node, Hash other, CancellationToken cancellationToken)
    {
        ProvenAgents caller;
        try
        {
            caller = node.Read(await ReadProofAsync(stream, cancellationToken).ConfigureAwait(false), ConnectionRole.Caller, other);
            if (!caller.AnyKnown() && caller.AnyTooLate()) throw new ProofRefusedException($"the invitation that it comes with has expired ({caller}); ask for a new one");
            if (!caller.AnyKnown()) throw new ProofRefusedException(caller.Doubt());
        }
        catch (Exception e) when (e is MalformedMessageException or ProofRefusedException)
        {
            await WriteAsync(stream, new ProofMessage.Refused(e.Message), cancellationToken).ConfigureAwait(false);
            throw e as ProofRefusedException ?? new ProofRefusedException($"its proof cannot be read: {e.Message}", e);
        }

        await WriteAsync(stream, node.Prove(node.Agents, ConnectionRole.Listener, other), cancellationToken).ConfigureAwait(false);
        return await ReadAsync(stream, cancellationToken).ConfigureAwait(false) switch
        {
            ProofMessage.Accepted => caller,
            ProofMessage.Refused(var detail) => throw new ProofRefusedException($"it refused this node: {detail}"),
            _ => throw new ProofRefusedException("it proved itself twice"),
        };
    }

    private static async Task<ProofMessage.Proof> ReadProofAsync(Stream stream, CancellationToken cancellationToken) =>
        await ReadAsync(stream, cancellationToken).ConfigureAwait(false) switch
        {
            ProofMessage.Proof proof => proof,
            ProofMessage.Refused(var detail) => throw new ProofRefusedException($"it refused this node: {detail}"),
            _ => throw new ProofRefusedException("it did not prove for whom it speaks"),
        };

    private static async Task<ProofMessage> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length, cancellationToken).ConfigureAwait(false);
        var bytes = BinaryPrimitives.ReadUInt32BigEndian(length);
        if (bytes > WireLimits.ProofBytesMax) throw new MalformedMessageException($"The proof has {bytes} bytes; the limit is {WireLimits.ProofBytesMax}.");
        var message = new byte[bytes];
        await stream.ReadExactlyAsync(message, cancellationToken).ConfigureAwait(false);
        return ProofCodec.Decode(message);
    }

    private static async Task WriteAsync(Stream stream, ProofMessage message, CancellationToken cancellationToken)
    {
        var content = ProofCodec.Encode(message);
        var framed = new byte[sizeof(int) + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, content.Length);
        content.CopyTo(framed, sizeof(int));
        await stream.WriteAsync(framed, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
