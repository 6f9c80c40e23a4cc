using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Backups;

/// <summary>Writes the parts of a backup, one after the other, with their checksums. The form is in BACKUP.md. One user.</summary>
internal sealed class BackupWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _part = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _isInPart;
    private long _frames;

    /// <summary>Begins one: writes what it is, and in which version of the form.</summary>
    public BackupWriter(Stream stream)
    {
        _stream = stream;
        Write(BackupForm.Magic);
        WriteLength(BackupForm.Version);
    }

    /// <summary>Begins the next part.</summary>
    public void BeginPart(string name)
    {
        EndPart();
        var bytes = Encoding.ASCII.GetBytes(name);
        Write([(byte)bytes.Length]);
        Write(bytes);
        (_isInPart, _frames) = (true, 0);
    }

    /// <summary>Adds a frame to it.</summary>
    public void Add(ReadOnlySpan<byte> frame)
    {
        if (frame.Length is 0 or > BackupForm.FrameBytesMax) throw new InvalidOperationException($"A frame of {frame.Length} bytes; expected 1 to {BackupForm.FrameBytesMax}.");
        _frames++;
        WriteLength((uint)frame.Length);
        Write(frame);
    }

    /// <summary>Ends the backup.</summary>
    /// <returns>Its checksum.</returns>
    public Hash End()
    {
        EndPart();
        Write([0]);
        Span<byte> hash = stackalloc byte[Hash.Bytes];
        _whole.GetHashAndReset(hash);
        _stream.Write(hash);
        return new Hash(hash);
    }

    public void Dispose()
    {
        _whole.Dispose();
        _part.Dispose();
    }

    private void EndPart()
    {
        if (!_isInPart) return;
        _isInPart = false;
        WriteLength(0);
        Span<byte> frames = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(frames, _frames);
        Write(frames);
        Span<byte> hash = stackalloc byte[Hash.Bytes];
        _part.GetHashAndReset(hash);
        _stream.Write(hash);
        _whole.AppendData(hash);
    }

    private void WriteLength(uint length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
        Write(bytes);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _whole.AppendData(bytes);
        _part.AppendData(bytes); // the first part's covers what the file begins with, too
    }
}
