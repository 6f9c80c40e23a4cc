using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Calls agents on other nodes. Runs beside the loop; safe for concurrent use.</summary>
internal sealed class OutgoingCalls(Hash tavern, ITransport transport, TimeProvider time)
{
    private static readonly TimeSpan CallTimeMax = TimeSpan.FromSeconds(5); // for all addresses together: as long as one may take alone

    private readonly UInt128 _tag = GossipEnvelope.TavernTag(tavern);

    /// <summary>Calls an agent at the first of its addresses that answers.</summary>
    /// <exception cref="TransportException">No address is known, or none answered, or not within 5 s.</exception>
    public async ValueTask<GossipMessage> CallAsync(
        AgentId from, AgentId to, GossipMessage message, ImmutableArray<Uri> addresses, CancellationToken cancellationToken)
    {
        if (addresses.IsEmpty) throw new TransportException($"No address of {to} is known.");
        TransportException? failure = null;
        using var late = new CancellationTokenSource(CallTimeMax, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        foreach (var address in addresses)
        {
            try
            {
                var reply = await transport.CallAsync(address, new GossipEnvelope(_tag, from, to, message), ending.Token).ConfigureAwait(false);
                // An old address may belong to somebody else by now: the next one may still be right.
                if (reply is not GossipMessage.Refused { IsFromAnother: true } || address == addresses[^1]) return reply;
            }
            catch (TransportException e)
            {
                failure = e;
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TransportException($"No answer from {to} within {CallTimeMax.TotalSeconds} s at {string.Join(" or ", addresses)}.", failure ?? (Exception)e);
            }
        }

        throw failure!;
    }
}
