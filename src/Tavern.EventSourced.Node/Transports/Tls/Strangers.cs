using System.Net;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>Counts the connections that have proven nothing yet. Nobody can take all places from one host. Safe for concurrent use.</summary>
/// <param name="max">So many at a time.</param>
/// <param name="perHostMax">So many at a time from one address.</param>
internal sealed class Strangers(int max, int perHostMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _hosts = [];
    private int _count;

    /// <summary>True when there is room for one more; then <see cref="Leave"/> follows.</summary>
    public bool TryEnter(IPAddress host)
    {
        lock (_lock)
        {
            var here = _hosts.GetValueOrDefault(host);
            if (_count >= max || here >= perHostMax) return false;
            _hosts[host] = here + 1;
            _count++;
            return true;
        }
    }

    /// <summary>One has proven itself, or has gone.</summary>
    public void Leave(IPAddress host)
    {
        lock (_lock)
        {
            _count--;
            if (--_hosts[host] == 0) _hosts.Remove(host);
        }
    }
}
