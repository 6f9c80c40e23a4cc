using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>As much of a PostgreSQL server as it takes to be asked for a password: it refuses TLS, and answers each startup with the same
/// request. Source: PostgreSQL manual, "Message Formats".</summary>
internal sealed class PasswordServer : IDisposable
{
    private const int SslRequest = 80877103;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _request;

    /// <summary>Listens.</summary>
    /// <param name="method">The method by its number: 3 clear text, 5 MD5, 10 SCRAM-SHA-256.</param>
    public PasswordServer(int method)
    {
        byte[] more = method switch { 5 => [1, 2, 3, 4], 10 => [.. Encoding.ASCII.GetBytes("SCRAM-SHA-256"), 0, 0], _ => [] };
        _request = [(byte)'R', .. Number(8 + more.Length), .. Number(method), .. more];
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            while (true)
            {
                var length = new byte[4];
                await stream.ReadExactlyAsync(length);
                var message = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - length.Length];
                await stream.ReadExactlyAsync(message);
                await stream.WriteAsync(BinaryPrimitives.ReadInt32BigEndian(message) == SslRequest ? "N"u8.ToArray() : _request);
            }
        }
        catch (IOException)
        {
            // It has hung up: there is no password.
        }
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
