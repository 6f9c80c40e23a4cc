using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Node.Transports.Tls;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Opens a node's listener. Without a fixed port it takes the one the node had last time, when it is free: others still
/// look for it there, and after a stop of all nodes nobody could tell anybody of a new one.</summary>
internal static class GossipListener
{
    /// <summary>A transport that listens.</summary>
    /// <param name="options">Where to listen.</param>
    /// <param name="node">Who listens.</param>
    /// <param name="last">The address the node announced last; null for none.</param>
    /// <param name="handler">Answers calls.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AddressTakenException">The port is taken.</exception>
    public static async Task<ITransport> OpenAsync(
        NodeOptions options, NodeProofs node, Uri? last, Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken)
    {
        var wanted = options.GossipListen;
        if (wanted.Port == 0 && last is { Port: > 0 } && last.Host == wanted.Host && last.Scheme == wanted.Scheme)
        {
            try
            {
                return await ListenAsync(options, node, last, handler, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // Somebody else has the port by now.
            }
        }

        return await ListenAsync(options, node, wanted, handler, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ITransport> ListenAsync(
        NodeOptions options, NodeProofs node, Uri listen, Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken)
    {
        var transport = new GuardedTransport(
            options.Transport?.Invoke(listen) ?? new Http2Transport(ListenAddress.SettingsOf(listen), null, node), options.Time);
        try
        {
            await transport.ListenAsync(handler, cancellationToken).ConfigureAwait(false);
            return transport;
        }
        catch (IOException e) when (AddressTakenException.IsMeantBy(e))
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw new AddressTakenException("gossip", listen, e);
        }
        catch
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
