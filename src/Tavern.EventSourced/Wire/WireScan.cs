using Google.Protobuf.Reflection;

namespace Tavern.EventSourced.Wire;

/// <summary>Walks protobuf bytes without allocating anything, before a parser may allocate for them.</summary>
internal static class WireScan
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    /// <summary>Checks that all lengths stay inside the bytes and counts the messages within.</summary>
    /// <exception cref="MalformedMessageException">A length or a tag is wrong, or there are more than <see cref="WireLimits.NestedMax"/> messages.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, MessageDescriptor type)
    {
        var nested = 0;
        Check(bytes, type, ref nested);
    }

    private static void Check(ReadOnlySpan<byte> rest, MessageDescriptor type, ref int nested)
    {
        if (++nested > WireLimits.NestedMax) throw new MalformedMessageException($"The message holds more than {WireLimits.NestedMax} messages.");
        while (!rest.IsEmpty)
        {
            var tag = ReadVarint(ref rest);
            if (tag is < 8 or > uint.MaxValue) throw new MalformedMessageException($"The tag {tag} names no field.");
            switch ((int)(tag & 7))
            {
                case Varint:
                    ReadVarint(ref rest);
                    break;
                case Fixed64:
                    Take(ref rest, sizeof(ulong));
                    break;
                case LengthDelimited:
                    var content = Take(ref rest, ReadVarint(ref rest));
                    // The schema does not recurse, so neither depth nor stack grow with what was received.
                    if (type.FindFieldByNumber((int)(tag >> 3)) is { FieldType: FieldType.Message } field) Check(content, field.MessageType, ref nested);
                    break;
                case Fixed32:
                    Take(ref rest, sizeof(uint));
                    break;
                default:
                    throw new MalformedMessageException($"The tag {tag} has a wire type that the format does not use.");
            }
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, ulong length)
    {
        if (length > (ulong)rest.Length) throw new MalformedMessageException($"A field claims {length} bytes where {rest.Length} are left.");
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> rest)
    {
        var value = 0UL;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return value;
        }

        throw new MalformedMessageException("A number does not end within 10 bytes.");
    }
}
