using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Tavern.EventSourced.Identity;

/// <summary>Who an agent is: the first 16 bytes of SHA-256 over its public key (SubjectPublicKeyInfo, DER). An id can
/// therefore not be claimed by another key. Text form: 32 lower-case hexadecimal digits; people type names instead.</summary>
/// <param name="Value">The 16 bytes as a big-endian number.</param>
public readonly record struct AgentId(UInt128 Value) : IComparable<AgentId>
{
    /// <summary>Length of an id in bytes.</summary>
    public const int Bytes = 16;

    /// <summary>The id that belongs to a public key (SubjectPublicKeyInfo, DER).</summary>
    public static AgentId FromPublicKey(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(publicKey, digest);
        return FromBytes(digest[..Bytes]);
    }

    /// <summary>Reads an id from exactly 16 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 16 bytes long.</exception>
    public static AgentId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Bytes
        ? new AgentId(BinaryPrimitives.ReadUInt128BigEndian(bytes))
        : throw new ArgumentException($"An agent id is {Bytes} bytes long; got {bytes.Length}.", nameof(bytes));

    /// <summary>Reads 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static AgentId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not an agent id; expected {Bytes * 2} hexadecimal digits.");

    /// <summary>Reads 32 hexadecimal digits; false when the text is something else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AgentId id)
    {
        id = default;
        if (text is null || text.Length != Bytes * 2 || !text.AsSpan().ContainsOnlyHex()) return false;
        id = new AgentId(UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Writes the 16 bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>The 16 bytes as a new array.</summary>
    public byte[] ToByteArray()
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Orders ids as big-endian numbers.</summary>
    public int CompareTo(AgentId other) => Value.CompareTo(other.Value);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

internal static class HexText
{
    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>True when every character is a hexadecimal digit.</summary>
    public static bool ContainsOnlyHex(this ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Digits);
}
