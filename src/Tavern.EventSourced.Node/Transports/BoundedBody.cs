using System.Buffers;

namespace Tavern.EventSourced.Node.Transports;

internal static class BoundedBody
{
    private const int FirstBytes = 512;        // an idle exchange fits
    private const int DeclaredBytesMax = 16 * 1024; // beyond this memory follows what arrives, not what was promised

    /// <summary>Reads a body to its end; null when it is longer than <paramref name="bytesMax"/>.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Stream body, long? declared, int bytesMax, CancellationToken cancellationToken)
    {
        if (declared > bytesMax) return null;
        var buffer = new ArrayBufferWriter<byte>((int)Math.Clamp(declared + 1 ?? 0, FirstBytes, DeclaredBytesMax));
        while (true)
        {
            var read = await body.ReadAsync(buffer.GetMemory(), cancellationToken);
            if (read == 0) return buffer.WrittenMemory;
            buffer.Advance(read);
            if (buffer.WrittenCount > bytesMax) return null;
        }
    }
}
