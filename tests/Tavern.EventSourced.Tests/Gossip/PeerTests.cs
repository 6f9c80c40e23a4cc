using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class PeerTests
{
    private static readonly AgentId Frodo = new KeyedHashSigner(1).Agent;

    [Fact]
    public void What_the_later_of_two_exchanges_found_owed_stays_owed_when_the_earlier_one_ends_after_it()
    {
        var peer = new Peer(Frodo);
        peer.Confirm(10, [new ChainId(Frodo, 1)], agreed: false);
        peer.Confirm(5, [], agreed: true);
        Assert.Equal(10, peer.Confirmed);
        Assert.Equal([new ChainId(Frodo, 1)], peer.Owed);
    }

    [Fact]
    public void A_later_exchange_says_anew_what_is_owed()
    {
        var peer = new Peer(Frodo);
        peer.Confirm(10, [new ChainId(Frodo, 1)], agreed: false);
        peer.Confirm(11, [new ChainId(Frodo, 2)], agreed: false);
        Assert.Equal([new ChainId(Frodo, 2)], peer.Owed);
    }
}
