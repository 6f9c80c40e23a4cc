using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tavern.EventSourced.Identity;

/// <summary>A SHA-256 digest: 32 bytes, compared and printed big-endian. The default value is 32 zero bytes and stands
/// for "no record before this one". Source: FIPS 180-4.</summary>
public readonly record struct Hash : IComparable<Hash>
{
    /// <summary>Length of a digest in bytes.</summary>
    public const int Bytes = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Reads a digest from exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public Hash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes) throw new ArgumentException($"A hash is {Bytes} bytes long; got {bytes.Length}.", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The first 16 bytes: enough to tell records apart, even for somebody who looks for two that share them (2^64 tries).</summary>
    public UInt128 Prefix => new(_a, _b);

    /// <summary>True for the 32 zero bytes.</summary>
    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>SHA-256 of the given bytes.</summary>
    public static Hash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        SHA256.HashData(content, digest);
        return new Hash(digest);
    }

    /// <summary>Reads 64 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is not 64 hexadecimal digits.</exception>
    public static Hash Parse(string hex)
    {
        if (hex.Length != Bytes * 2) throw new FormatException($"A hash is {Bytes * 2} hexadecimal digits; got {hex.Length} characters.");
        return new Hash(Convert.FromHexString(hex));
    }

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The 32 bytes as a new array.</summary>
    public byte[] ToByteArray()
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Orders digests as big-endian numbers.</summary>
    public int CompareTo(Hash other)
    {
        var order = _a.CompareTo(other._a);
        if (order == 0) order = _b.CompareTo(other._b);
        if (order == 0) order = _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToByteArray());
}
