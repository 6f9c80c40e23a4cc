using System.Collections.Concurrent;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>The lines to all listeners on other machines, one each. A line is replaced when its connection has ended, when this node speaks for more
/// agents than it proved there, and when its listener answers for an agent that it did not prove: it may host it since.</summary>
internal sealed class TlsLines(NodeProofs node, Http2TransportOptions options) : IDisposable
{
    private const int LinesMax = 1024; // members may announce any number of addresses; beyond it all lines end

    private readonly ConcurrentDictionary<string, TlsLine> _lines = [];
    private volatile bool _isClosed;

    /// <summary>Sends a call to a listener and reads its answer.</summary>
    /// <param name="address">Where.</param>
    /// <param name="from">The agent in whose name.</param>
    /// <param name="to">The agent that is called.</param>
    /// <param name="send">Sends it on a line and reads the answer. May be called twice: calls of gossip do no harm when repeated.</param>
    /// <exception cref="ProofRefusedException">Who answers did not prove that it speaks for the agent called.</exception>
    public async Task<GossipMessage> CallAsync(Uri address, AgentId from, AgentId to, Func<TlsLine, Task<GossipMessage>> send)
    {
        while (true)
        {
            var (line, isNew) = Enter(address.Authority, from);
            try
            {
                var answer = await send(line).ConfigureAwait(false);
                // Who says that it does not host the agent need not prove that it does.
                if (answer is GossipMessage.Refused { IsFromAnother: true } || line.Listener!.Speaks(to)) return answer;
                Remove(address.Authority, line);
                if (isNew) throw new ProofRefusedException($"the node there did not prove that it speaks for {to}; it speaks for {line.Listener}");
            }
            catch (HttpRequestException e)
            {
                Remove(address.Authority, line);
                if (isNew || !IsOver(e)) throw;
            }
            finally
            {
                line.Leave();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        foreach (var line in _lines.Values) line.Dispose();
    }

    private (TlsLine Line, bool IsNew) Enter(string authority, AgentId from)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Http2Transport));
            if (_lines.TryGetValue(authority, out var line))
            {
                if (line.Own.Contains(from) && line.TryEnter()) return (line, false);
                Remove(authority, line);
                continue;
            }

            if (_lines.Count >= LinesMax)
                foreach (var (other, old) in _lines) Remove(other, old);
            line = new TlsLine(node, options);
            if (!line.Own.Contains(from)) throw new ProofRefusedException($"this node does not speak for {from}");
            line.TryEnter();
            if (_lines.TryAdd(authority, line)) return (line, true);
            line.Dispose();
        }
    }

    private void Remove(string authority, TlsLine line)
    {
        _lines.TryRemove(KeyValuePair.Create(authority, line));
        line.End();
    }

    private static bool IsOver(Exception e) => e is LineOverException || (e.InnerException is { } inner && IsOver(inner));
}
