using System.Buffers.Binary;
using System.Collections.Immutable;
using Google.Protobuf;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>Chain heads whose closure, with the writer's own chain, is exactly what the writer had delivered.</summary>
/// <param name="Heads">Sorted by chain, sequence and hash; need not be minimal. More than one of a chain only where it has forked.</param>
/// <param name="HeadHashes">Per head, in that order, the <see cref="Hash.Prefix"/> of its record, so that a dependency on a branch of a fork is
/// unambiguous.</param>
public sealed record Dependencies(ImmutableArray<EventId> Heads, ImmutableArray<UInt128> HeadHashes)
{
    /// <summary>Length of one of the hashes, in bytes.</summary>
    public const int HashBytes = 16;
}

/// <summary>What is hashed and signed about an event. The payload is bound by its hash.</summary>
/// <param name="Id">Writer, epoch and sequence.</param>
/// <param name="Previous">Hash of the record before it in the chain; for a chain's first record, of the event that vouches for
/// its writer; 32 zero bytes for the first record of a tavern.</param>
/// <param name="Time">For display only.</param>
/// <param name="Type">Type name, e.g. <c>TaskStarted</c>.</param>
/// <param name="TypeVersion">Version of the payload's shape, from 1.</param>
/// <param name="Causes">Events the author declares as its reasons. Never confused with dependencies.</param>
/// <param name="TraceParent">W3C traceparent, or null.</param>
/// <param name="PayloadHash">SHA-256 of the payload.</param>
/// <param name="Deps">Only on the first record of a segment, and only when foreign events were delivered since the last one.</param>
public sealed record EventHeader(
    EventId Id,
    Hash Previous,
    HybridTime Time,
    string Type,
    int TypeVersion,
    ImmutableArray<EventId> Causes,
    string? TraceParent,
    Hash PayloadHash,
    Dependencies? Deps)
{
    /// <summary>The protobuf form; see Wire/FORMAT.md.</summary>
    public byte[] Encode()
    {
        var message = new Format.RecordHeader
        {
            Agent = ByteString.CopyFrom(Id.Agent.ToByteArray()),
            Epoch = (uint)Id.Epoch,
            Sequence = (ulong)Id.Sequence,
            Previous = ByteString.CopyFrom(Previous.ToByteArray()),
            Milliseconds = (ulong)Time.Milliseconds,
            Counter = (uint)Time.Counter,
            Type = Type,
            TypeVersion = (uint)TypeVersion,
            Traceparent = TraceParent ?? "",
            PayloadHash = ByteString.CopyFrom(PayloadHash.ToByteArray()),
        };
        foreach (var cause in Causes) message.Causes.Add(ToRef(cause));
        if (Deps is { } deps)
        {
            var hashes = new byte[deps.HeadHashes.Length * Dependencies.HashBytes];
            for (var i = 0; i < deps.HeadHashes.Length; i++) BinaryPrimitives.WriteUInt128BigEndian(hashes.AsSpan(i * Dependencies.HashBytes), deps.HeadHashes[i]);
            message.Deps = new Format.Dependencies { HeadHashes = ByteString.CopyFrom(hashes) };
            foreach (var head in deps.Heads) message.Deps.Heads.Add(ToRef(head));
        }

        return message.ToByteArray();
    }

    /// <summary>Reads the protobuf form. Unknown fields are ignored here and survive in the stored bytes.</summary>
    /// <exception cref="MalformedRecordException">The bytes are not a header, or a field is out of range.</exception>
    public static EventHeader Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > EventLimits.HeaderBytesMax)
            throw new MalformedRecordException($"The header has {bytes.Length} bytes; the limit is {EventLimits.HeaderBytesMax}.");
        Format.RecordHeader message;
        try
        {
            message = Format.RecordHeader.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new MalformedRecordException($"The header is not a protobuf message: {e.Message}");
        }

        if (message.Type.Length is 0 or > EventLimits.TypeCharsMax)
            throw new MalformedRecordException($"The type name has {message.Type.Length} characters; expected 1 to {EventLimits.TypeCharsMax}.");
        if (message.Causes.Count > EventLimits.CausesMax)
            throw new MalformedRecordException($"The header declares {message.Causes.Count} causes; the limit is {EventLimits.CausesMax}.");
        if (message.Milliseconds > (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() || message.Counter > int.MaxValue)
            throw new MalformedRecordException("The time is out of range.");
        if (message.TypeVersion is 0 or > int.MaxValue) throw new MalformedRecordException("The type version is out of range; expected 1 or more.");

        return new EventHeader(
            FromRef(message.Agent, message.Epoch, message.Sequence),
            ReadHash(message.Previous, "previous"),
            new HybridTime((long)message.Milliseconds, (int)message.Counter),
            message.Type,
            (int)message.TypeVersion,
            [.. message.Causes.Select(cause => FromRef(cause.Agent, cause.Epoch, cause.Sequence))],
            message.Traceparent.Length == 0 ? null : message.Traceparent,
            ReadHash(message.PayloadHash, "payload_hash"),
            message.Deps is null ? null : ReadDependencies(message.Deps));
    }

    private static Dependencies ReadDependencies(Format.Dependencies message)
    {
        ImmutableArray<EventId> heads = [.. message.Heads.Select(head => FromRef(head.Agent, head.Epoch, head.Sequence))];
        if (heads.IsEmpty) throw new MalformedRecordException("The dependencies are present but empty.");
        if (message.HeadHashes.Length != heads.Length * Dependencies.HashBytes)
            throw new MalformedRecordException($"The field head_hashes has {message.HeadHashes.Length} bytes; expected {Dependencies.HashBytes} for each of {heads.Length} heads.");
        var hashes = ImmutableArray.CreateBuilder<UInt128>(heads.Length);
        for (var i = 0; i < heads.Length; i++) hashes.Add(BinaryPrimitives.ReadUInt128BigEndian(message.HeadHashes.Span[(i * Dependencies.HashBytes)..]));
        for (var i = 1; i < heads.Length; i++)
            if ((heads[i - 1], hashes[i - 1]).CompareTo((heads[i], hashes[i])) >= 0)
                throw new MalformedRecordException("The dependencies are not sorted by chain, sequence and hash, each once.");
        return new Dependencies(heads, hashes.DrainToImmutable());
    }

    private static Format.EventRef ToRef(EventId id) => new()
    {
        Agent = ByteString.CopyFrom(id.Agent.ToByteArray()),
        Epoch = (uint)id.Epoch,
        Sequence = (ulong)id.Sequence,
    };

    private static EventId FromRef(ByteString agent, uint epoch, ulong sequence)
    {
        if (agent.Length != AgentId.Bytes) throw new MalformedRecordException($"An agent id has {agent.Length} bytes; expected {AgentId.Bytes}.");
        if (epoch is 0 or > int.MaxValue) throw new MalformedRecordException("An epoch is out of range; expected 1 or more.");
        if (sequence is 0 or > long.MaxValue) throw new MalformedRecordException("A sequence is out of range; expected 1 or more.");
        return new EventId(AgentId.FromBytes(agent.Span), (int)epoch, (long)sequence);
    }

    private static Hash ReadHash(ByteString bytes, string field) => bytes.Length == Hash.Bytes
        ? new Hash(bytes.Span)
        : throw new MalformedRecordException($"The field {field} has {bytes.Length} bytes; expected {Hash.Bytes}.");
}
