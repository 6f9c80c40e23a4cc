using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Provenance;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;
using static Tavern.EventSourced.Tests.Support.KeyHistory;

namespace Tavern.EventSourced.Tests.Transports;

/// <summary>Connections on which one end has a newer key than the other has heard of: what is shown for it counts, or both ends are told why not.</summary>
public sealed class TlsTrailTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // a failing test ends; a passing one never waits for it

    private readonly KeyHistory _history = new();
    private readonly KeyBook _book = new(); // of the end that has not heard
    private readonly ConcurrentQueue<string> _told = [];
    private readonly List<NodeProofs> _nodes = [];

    public TlsTrailTests()
    {
        foreach (var segment in _history.Held) _book.Add(segment, _history.Index);
    }

    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "none", "nothing heard here vouches for the agents that it speaks for" },
        { "recovered by another key", "is not signed with the tavern's recovery key" },
        { "recovered by the key that was replaced", "is not signed with the tavern's recovery key" },
        { "given by somebody beside it", "nothing shows that its writer is an ancestor" },
        { "given by itself", "nothing shows that its writer is an ancestor" },
        { "given in an ancestor's name", "is not signed with a key that the records before it give to its writer" },
        { "another tavern's", "does not found this tavern" },
        { "another agent's", "nothing gives" },
    };

    [Fact]
    public async Task A_caller_and_a_listener_with_newer_keys_are_believed()
    {
        _history.Hold(_history.Recover(RecoveryKey, New));
        Assert.IsType<GossipMessage.Answer>(await CallAsync(Speaking(Root, New, _history.TrailOf(Root, New)), Judging(Legolas), Root, Legolas));
        Assert.IsType<GossipMessage.Answer>(await CallAsync(Judging(Legolas), Speaking(Root, New, _history.TrailOf(Root, New)), Legolas, Root));
        Assert.Empty(_told);
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_trail_is_refused_and_both_ends_are_told_why(string forgery, string words)
    {
        var (agent, trail) = Forged(forgery);
        foreach (var isCaller in new[] { true, false })
        {
            var (forger, other) = (Speaking(agent, New, trail), Judging(Legolas));
            var refused = await Assert.ThrowsAsync<TransportException>(() =>
                isCaller ? CallAsync(forger, other, agent, Legolas) : CallAsync(other, forger, Legolas, agent)); // who hears it: the end that judges, and the forger
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
            await ToldAsync(words);
        }
    }

    [Fact]
    public void A_trail_that_no_proof_can_hold_is_not_shown_and_people_are_told()
    {
        _history.Hold(_history.Recover(RecoveryKey, New));
        var trail = _history.TrailOf(Root, New);
        using var node = new NodeProofs(_history.Tavern, _book.Judge, new KeyedHashVerifier(), _told.Enqueue);
        node.Add(Root.Agent, New, trail);
        node.Add(Root.Agent, New, trail); // the same records are shown once
        node.Add(Frodo.Agent, New, [new SignedExcerpt(_history.ExcerptOf(Frodo.Agent.At(2)).Headers, default, new byte[WireLimits.TrailBytesMax])]);
        Assert.Equal(trail.AsEnumerable(), node.Prove([Root.Agent], ConnectionRole.Caller, default).Trail);
        Assert.Contains($"Nobody is shown what gives {Frodo.Agent} its new key", Assert.Single(_told), StringComparison.Ordinal);
    }

    private (KeyedHashSigner Agent, ImmutableArray<SignedExcerpt> Trail) Forged(string forgery) => forgery switch
    {
        "none" => (Frodo, []),
        "recovered by another key" => (Root, [.. Places(), SignedExcerpt.Of(_history.Recover(Stranger, New), 1)]),
        "recovered by the key that was replaced" => (Root, [.. Places(), SignedExcerpt.Of(_history.Recover(Root, New), 1)]),
        "given by somebody beside it" => (Frodo, [.. Places(), GivenBy(Legolas, Legolas)]),
        "given by itself" => (Frodo, [.. Places(), GivenBy(Frodo, Frodo)]),
        "given in an ancestor's name" => (Frodo, [.. Places(), GivenBy(Gandalf, Stranger)]),
        "another agent's" => (Gandalf, [.. Places(), GivenBy(Root, Root)]),
        _ => (Frodo, AnotherTaverns()),
    };

    private SignedExcerpt GivenBy(KeyedHashSigner writer, KeyedHashSigner key)
    {
        var segment = _history.Rekey(writer, key, Frodo, New);
        return SignedExcerpt.Of(segment, segment.First + 1);
    }

    /// <summary>The same agents in a tavern that was founded by somebody who has its keys.</summary>
    private static ImmutableArray<SignedExcerpt> AnotherTaverns()
    {
        var founded = TavernFounder.Write(
            Root, [EventCatalogue.Draft(new TavernFounded("another", "root", Root.PublicKey.ToArray(), Stranger.PublicKey.ToArray()))], DateTimeOffset.UnixEpoch)[0];
        return [SignedExcerpt.Of(founded, 1)];
    }

    private IEnumerable<SignedExcerpt> Places() => _history.Places.Select(_history.ExcerptOf);

    /// <summary>A node that judges by its log, and speaks for an agent with its first key.</summary>
    private NodeProofs Judging(KeyedHashSigner agent) => Keep(new NodeProofs(_history.Tavern, _book.Judge, new KeyedHashVerifier(), _told.Enqueue), agent, agent, []);

    /// <summary>A node that believes everybody, and speaks for an agent with some key.</summary>
    private NodeProofs Speaking(KeyedHashSigner agent, KeyedHashSigner key, ImmutableArray<SignedExcerpt> trail) =>
        Keep(new NodeProofs(_history.Tavern, (_, _, _) => new KeyFinding(KeyStanding.Known), new KeyedHashVerifier(), _told.Enqueue), agent, key, trail);

    private NodeProofs Keep(NodeProofs node, KeyedHashSigner agent, KeyedHashSigner key, ImmutableArray<SignedExcerpt> trail)
    {
        node.Add(agent.Agent, key, trail);
        _nodes.Add(node);
        return node;
    }

    private static async Task<GossipMessage> CallAsync(NodeProofs caller, NodeProofs listener, KeyedHashSigner from, KeyedHashSigner to)
    {
        await using var listening = TlsTavern.Create(listener);
        await listening.ListenAsync(Gossips.Echo, default);
        await using var calling = TlsTavern.Create(caller);
        return await calling.CallAsync(listening.Address!, new GossipEnvelope(7, from.Agent, to.Agent, Gossips.Ask(1).Message), default).AsTask().WaitAsync(Patience);
    }

    /// <summary>Waits until people at the listener were told of the refusal, and forgets it.</summary>
    private async Task ToldAsync(string words)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!_told.Any(line => line.Contains(words, StringComparison.Ordinal)))
        {
            Assert.False(deadline.IsCancellationRequested, $"Nobody was told '{words}', but: {string.Join(" / ", _told)}");
            await Task.Yield();
        }

        _told.Clear();
    }
}
