using System.Net;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>Tells people of connections that were refused, without letting strangers fill their screen: each refusal of a host once, until others
/// are told of. Safe for concurrent use.</summary>
internal sealed class RefusalNotes(Action<string> tell)
{
    private const int HostsMax = 64; // hosts whose last refusal is remembered; then all are forgotten

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, string> _last = [];

    /// <summary>A connection from a host was refused.</summary>
    public void Add(IPAddress host, string reason)
    {
        lock (_lock)
        {
            if (_last.GetValueOrDefault(host) == reason) return;
            if (_last.Count >= HostsMax) _last.Clear();
            _last[host] = reason;
        }

        tell($"A connection from {host} was refused: {reason}");
    }
}
