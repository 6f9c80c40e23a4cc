using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Backups;

/// <summary>A piece of a part of a backup: a row, a file, or (empty) the end of the part.</summary>
/// <param name="Part">The part's name.</param>
/// <param name="Content">Valid for as long as anybody keeps it; empty at the end of a part.</param>
internal readonly record struct BackupFrame(string Part, ReadOnlyMemory<byte> Content);

/// <summary>Reads a backup from its first byte to its last and checks all checksums on the way: what it yields is known to be whole only when it
/// has come to its end. Memory: one frame. One user.</summary>
/// <param name="stream">The backup.</param>
/// <param name="path">Names it in messages.</param>
internal sealed class BackupReader(Stream stream, string path) : IDisposable
{
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _part = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The checksum of the whole; known at the end.</summary>
    public Hash Checksum { get; private set; }

    /// <summary>All frames in order, each part's followed by an empty one.</summary>
    /// <exception cref="StoreRefusedException">It is no backup, from a newer version, cut off or changed.</exception>
    public IEnumerable<BackupFrame> Frames()
    {
        RequireMagic();
        while (ReadName() is { } name)
        {
            var frames = 0L;
            while (Number32() is > 0 and var length)
            {
                if (length > BackupForm.FrameBytesMax) throw Damaged($"a piece of {name} claims {length} bytes; the largest has {BackupForm.FrameBytesMax}");
                frames++;
                yield return new BackupFrame(name, Next((int)length));
            }

            if (BinaryPrimitives.ReadInt64LittleEndian(Next(sizeof(long))) is var said && said != frames) throw Damaged($"{name} has {frames} pieces and says {said}");
            var expected = new Hash(_part.GetHashAndReset());
            if (Checksum32() is var found && found != expected) throw Damaged($"the checksum of {name} is {found}, but its content has {expected}");
            yield return new BackupFrame(name, default);
        }

        RequireEnd();
    }

    public void Dispose()
    {
        _whole.Dispose();
        _part.Dispose();
    }

    /// <summary>What to say of a backup that is not as it was written.</summary>
    public StoreRefusedException Damaged(string what) =>
        new($"{path} is damaged: {what}. Take another backup, or a fresh copy of this one.") { IsDamaged = true };

    private void RequireMagic()
    {
        var magic = new byte[BackupForm.Magic.Length];
        var read = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (read < magic.Length || !BackupForm.Magic.SequenceEqual(magic))
            throw new StoreRefusedException($"{path} is no backup of a tavern: it does not begin with '{Encoding.ASCII.GetString(BackupForm.Magic).TrimEnd()}'. Name a file that tavern backup made.") { IsDamaged = true };
        Hashed(magic);
        if (Number32() is var version && version != BackupForm.Version)
            throw new StoreRefusedException(
                $"{path} is a backup in version {version} of the form; this version reads {BackupForm.Version}. {(version > BackupForm.Version ? "Use a newer version of Tavern." : "No version ever wrote that: take another backup.")}");
    }

    private string? ReadName()
    {
        var length = Next(1)[0];
        if (length == 0) return null;
        if (length > BackupForm.NameBytesMax) throw Damaged($"the name of a part claims {length} bytes; the longest has {BackupForm.NameBytesMax}");
        var name = Next(length);
        if (name.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~')) throw Damaged("the name of a part is none");
        return Encoding.ASCII.GetString(name);
    }

    private void RequireEnd()
    {
        var expected = new Hash(_whole.GetHashAndReset());
        Checksum = Checksum32();
        if (Checksum != expected) throw Damaged($"its checksum is {Checksum}, but its content has {expected}");
        if (stream.ReadByte() != -1) throw Damaged("something follows its end");
    }

    private Hash Checksum32()
    {
        var bytes = Read(Hash.Bytes);
        _whole.AppendData(bytes);
        return new Hash(bytes);
    }

    private uint Number32() => BinaryPrimitives.ReadUInt32LittleEndian(Next(sizeof(uint)));

    private byte[] Next(int count) => Hashed(Read(count));

    private byte[] Hashed(byte[] bytes)
    {
        _whole.AppendData(bytes);
        _part.AppendData(bytes);
        return bytes;
    }

    private byte[] Read(int count)
    {
        var bytes = new byte[count];
        if (stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) < count) throw Damaged("it is cut off");
        return bytes;
    }
}
