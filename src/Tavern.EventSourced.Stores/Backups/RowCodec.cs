using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Backups;

/// <summary>The rows of a store as bytes, the same whichever store they come from. Fields in the order of the row's constructor: a number is 8 bytes,
/// little endian, two's complement; bytes and texts (UTF-8) have their length before them, 4 bytes, little endian; null is a length of
/// <c>ffffffff</c>, and of a number eight bytes behind a byte 1, or nothing behind a byte 0. Written down in BACKUP.md.</summary>
internal static class RowCodec
{
    private const uint Null = uint.MaxValue;

    /// <summary>The tables in the order they are written: that of the cases of <see cref="StoredRow"/>.</summary>
    public static IReadOnlyList<string> Tables { get; } = ["chains", "holders", "events", "segments", "receipts", "runs", "idempotency", "positions"];

    /// <summary>Which of the tables a row belongs to.</summary>
    public static int OrderOf(StoredRow row) => row switch
    {
        StoredRow.Chain => 0,
        StoredRow.Holder => 1,
        StoredRow.Event => 2,
        StoredRow.Segment => 3,
        StoredRow.Receipt => 4,
        StoredRow.Run => 5,
        StoredRow.Idempotency => 6,
        _ => 7,
    };

    /// <summary>A row as bytes.</summary>
    public static ReadOnlyMemory<byte> Encode(StoredRow row)
    {
        var writer = new FieldWriter();
        switch (row)
        {
            case StoredRow.Chain chain:
                writer.Number(chain.Key).Bytes(chain.Agent).Number(chain.Epoch).Number(chain.Branch);
                break;
            case StoredRow.Holder holder:
                writer.Number(holder.Key).Bytes(holder.Agent);
                break;
            case StoredRow.Event record:
                writer.Number(record.Position).Number(record.ChainKey).Number(record.Sequence).Number(record.Verified).Bytes(record.Hash).Bytes(record.Signature)
                    .Bytes(record.Header).Bytes(record.Payload);
                break;
            case StoredRow.Segment segment:
                writer.Number(segment.ChainKey).Number(segment.First).Number(segment.Last).Number(segment.Position);
                break;
            case StoredRow.Receipt receipt:
                writer.Number(receipt.HolderKey).Number(receipt.Number).Bytes(receipt.Peer).Number(receipt.Exchange).Number(receipt.Mode).Number(receipt.At)
                    .Number(receipt.Bytes).Number(receipt.Outcome).Text(receipt.Detail).Number(receipt.Count);
                break;
            case StoredRow.Run run:
                writer.Number(run.HolderKey).Number(run.Position).Number(run.ChainKey).Number(run.First).Number(run.Last).Number(run.Hop).Number(run.ReceiptNumber);
                break;
            case StoredRow.Idempotency entry:
                writer.Number(entry.HolderKey).Text(entry.Key).Bytes(entry.RequestHash).Number(entry.ChainKey).Number(entry.Sequence);
                break;
            case StoredRow.Subscription position:
                writer.Number(position.HolderKey).Text(position.Name).Number(position.At).Optional(position.ChainKey).Optional(position.Sequence);
                break;
        }

        return writer.Written;
    }

    /// <summary>A row from its bytes.</summary>
    /// <exception cref="FormatException">They are none of that table.</exception>
    public static StoredRow Decode(ReadOnlyMemory<byte> bytes, string table)
    {
        var reader = new FieldReader(bytes);
        StoredRow row = table switch
        {
            "chains" => new StoredRow.Chain(reader.Number(), reader.Bytes(), reader.Number(), reader.Number()),
            "holders" => new StoredRow.Holder(reader.Number(), reader.Bytes()),
            "events" => new StoredRow.Event(
                reader.Number(), reader.Number(), reader.Number(), reader.Number(), reader.Bytes(), reader.OptionalBytes(), reader.Bytes(), reader.Bytes()),
            "segments" => new StoredRow.Segment(reader.Number(), reader.Number(), reader.Number(), reader.Number()),
            "receipts" => new StoredRow.Receipt(
                reader.Number(), reader.Number(), reader.Bytes(), reader.Number(), reader.Number(), reader.Number(), reader.Number(), reader.Number(), reader.OptionalText(), reader.Number()),
            "runs" => new StoredRow.Run(reader.Number(), reader.Number(), reader.Number(), reader.Number(), reader.Number(), reader.Number(), reader.Number()),
            "idempotency" => new StoredRow.Idempotency(reader.Number(), reader.Text(), reader.Bytes(), reader.Number(), reader.Number()),
            "positions" => new StoredRow.Subscription(reader.Number(), reader.Text(), reader.Number(), reader.OptionalNumber(), reader.OptionalNumber()),
            _ => throw new FormatException($"'{table}' is no table."),
        };
        reader.RequireEnd();
        return row;
    }

    private sealed class FieldWriter
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

        public FieldWriter Number(long value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            _bytes.Write(bytes);
            return this;
        }

        public FieldWriter Optional(long? value)
        {
            _bytes.Write([value is null ? (byte)0 : (byte)1]);
            return value is { } number ? Number(number) : this;
        }

        public FieldWriter Bytes(ReadOnlyMemory<byte>? value)
        {
            Span<byte> length = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(length, value is { } some ? (uint)some.Length : Null);
            _bytes.Write(length);
            if (value is { } bytes) _bytes.Write(bytes.Span);
            return this;
        }

        public FieldWriter Text(string? value) => Bytes(value is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(value));
    }

    private sealed class FieldReader(ReadOnlyMemory<byte> bytes)
    {
        private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        private int _at;

        public long Number() => BinaryPrimitives.ReadInt64LittleEndian(Next(sizeof(long)).Span);

        public long? OptionalNumber() => Next(1).Span[0] switch
        {
            0 => null,
            1 => Number(),
            var other => throw new FormatException($"{other} says neither that a number follows nor that none does."),
        };

        public ReadOnlyMemory<byte> Bytes() => OptionalBytes() ?? throw new FormatException("A field is null that never is.");

        public ReadOnlyMemory<byte>? OptionalBytes()
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(Next(sizeof(uint)).Span);
            return length == Null ? (ReadOnlyMemory<byte>?)null : Next(length); // a bare null would become empty bytes
        }

        public string Text() => OptionalText() ?? throw new FormatException("A text is null that never is.");

        public string? OptionalText()
        {
            if (OptionalBytes() is not { } text) return null;
            try
            {
                return Strict.GetString(text.Span);
            }
            catch (DecoderFallbackException e)
            {
                throw new FormatException("A text is not UTF-8.", e);
            }
        }

        public void RequireEnd()
        {
            if (_at != bytes.Length) throw new FormatException($"{bytes.Length - _at} bytes follow the last field.");
        }

        private ReadOnlyMemory<byte> Next(long count)
        {
            if (count > bytes.Length - _at) throw new FormatException($"A field ends {count - (bytes.Length - _at)} bytes behind its row.");
            _at += (int)count;
            return bytes.Slice(_at - (int)count, (int)count);
        }
    }
}
