using Google.Protobuf;
using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Wire;

/// <summary>Proofs as bytes (proof.proto, FORMAT.md). Whatever bytes arrive, decoding returns a message or throws
/// <see cref="MalformedMessageException"/>, within bounds that <see cref="WireLimits"/> names.</summary>
public static class ProofCodec
{
    private static readonly MessageParser<Format.ProofMessage> Messages = Format.ProofMessage.Parser.WithDiscardUnknownFields(true);

    /// <summary>Encodes a message.</summary>
    /// <exception cref="MalformedMessageException">It proves more than <see cref="WireLimits.ProofAgentsMax"/> agents, or shows more than
    /// <see cref="WireLimits.TrailExcerptsMax"/> excerpts or <see cref="WireLimits.TrailBytesMax"/> bytes of them.</exception>
    public static byte[] Encode(ProofMessage message) => message switch
    {
        ProofMessage.Proof proof => new Format.ProofMessage { Proof = Write(proof) }.ToByteArray(),
        ProofMessage.Refused(var detail) => new Format.ProofMessage { Refused = Cut(detail) }.ToByteArray(),
        ProofMessage.Accepted => new Format.ProofMessage { Accepted = true }.ToByteArray(),
        _ => throw new ArgumentException($"No proof message is a {message.GetType().Name}.", nameof(message)),
    };

    /// <summary>Decodes a message.</summary>
    /// <exception cref="MalformedMessageException">The bytes are not one.</exception>
    public static ProofMessage Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > WireLimits.ProofBytesMax)
            throw new MalformedMessageException($"The proof has {bytes.Length} bytes; the limit is {WireLimits.ProofBytesMax}.");
        WireScan.Check(bytes, Format.ProofMessage.Descriptor);
        try
        {
            var message = Messages.ParseFrom(bytes);
            return message.MessageCase switch
            {
                Format.ProofMessage.MessageOneofCase.Proof => Read(message.Proof),
                Format.ProofMessage.MessageOneofCase.Refused => new ProofMessage.Refused(Cut(message.Refused)),
                Format.ProofMessage.MessageOneofCase.Accepted => new ProofMessage.Accepted(),
                _ => throw new MalformedMessageException("The bytes hold no proof message known here."),
            };
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new MalformedMessageException($"The bytes are not a protobuf message: {e.Message}");
        }
        catch (MalformedRecordException e)
        {
            throw new MalformedMessageException($"What the proof shows for newer keys cannot be read: {e.Message}");
        }
    }

    private static Format.Proof Write(ProofMessage.Proof proof)
    {
        RequireCount(proof.Agents.Length);
        RequireTrail(proof.Trail.Length, proof.Trail.Sum(excerpt => (long)excerpt.Bytes));
        var message = new Format.Proof { Tavern = MessageWriter.Bytes(proof.Tavern) };
        foreach (var agent in proof.Agents)
        {
            message.Agents.Add(new Format.AgentProof
            {
                Agent = MessageWriter.Bytes(agent.Agent),
                PublicKey = UnsafeByteOperations.UnsafeWrap(agent.PublicKey),
                Signature = UnsafeByteOperations.UnsafeWrap(agent.Signature),
            });
        }

        foreach (var excerpt in proof.Trail)
        {
            var shown = new Format.Excerpt { Payload = UnsafeByteOperations.UnsafeWrap(excerpt.Payload), Signature = UnsafeByteOperations.UnsafeWrap(excerpt.Signature) };
            foreach (var header in excerpt.Headers) shown.Headers.Add(UnsafeByteOperations.UnsafeWrap(header));
            message.Trail.Add(shown);
        }

        return message;
    }

    private static ProofMessage.Proof Read(Format.Proof proof)
    {
        RequireCount(proof.Agents.Count);
        RequireTrail(proof.Trail.Count, proof.Trail.Sum(excerpt => excerpt.Headers.Sum(header => (long)header.Length) + excerpt.Payload.Length + excerpt.Signature.Length));
        return new ProofMessage.Proof(MessageReader.Number(proof.Tavern, "tavern"), [.. proof.Agents.Select(Read)])
        {
            Trail = [.. proof.Trail.Select(excerpt => new SignedExcerpt([.. excerpt.Headers.Select(header => header.Memory)], excerpt.Payload.Memory, excerpt.Signature.Memory))],
        };
    }

    private static AgentProof Read(Format.AgentProof proof)
    {
        if (proof.PublicKey.Length > WireLimits.ProofKeyBytesMax)
            throw new MalformedMessageException($"A key has {proof.PublicKey.Length} bytes; the limit is {WireLimits.ProofKeyBytesMax}.");
        if (proof.Signature.Length > WireLimits.SignatureBytesMax)
            throw new MalformedMessageException($"A signature has {proof.Signature.Length} bytes; the limit is {WireLimits.SignatureBytesMax}.");
        return new AgentProof(MessageReader.Agent(proof.Agent, "agent"), proof.PublicKey.Memory, proof.Signature.Memory);
    }

    private static void RequireCount(int agents)
    {
        if (agents > WireLimits.ProofAgentsMax)
            throw new MalformedMessageException($"The proof names {agents} agents; the limit is {WireLimits.ProofAgentsMax} per node.");
    }

    private static void RequireTrail(int excerpts, long bytes)
    {
        if (excerpts > WireLimits.TrailExcerptsMax)
            throw new MalformedMessageException($"The proof shows {excerpts} excerpts for newer keys; the limit is {WireLimits.TrailExcerptsMax}.");
        if (bytes > WireLimits.TrailBytesMax)
            throw new MalformedMessageException($"The proof shows {bytes} bytes for newer keys; the limit is {WireLimits.TrailBytesMax}.");
    }

    private static string Cut(string detail) => detail.Length <= WireLimits.DetailCharsMax ? detail : detail[..WireLimits.DetailCharsMax];
}
