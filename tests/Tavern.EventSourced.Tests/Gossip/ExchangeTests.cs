using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class ExchangeTests
{
    private static readonly KeyedHashSigner Root = new(1);
    private static readonly KeyedHashSigner Other = new(2);
    private static readonly ImmutableArray<Segment> Membership = LoneEngine.Found(Root, Other);

    private readonly LoneEngine _a = new(Membership, Root, [Other.Agent]);
    private readonly LoneEngine _b = new(Membership, Other, [Root.Agent], seed: 2);

    [Fact]
    public void Nothing_is_advertised_or_sent_before_its_commit_returned()
    {
        _a.Append(LoneEngine.Note("not durable yet"));
        Assert.NotNull(_a.BeginCommit());
        var before = (GossipMessage.Syn)_a.Round()[0].Message!;
        Assert.DoesNotContain(before.Changed, claim => claim.Sequence > Membership[^1].Last);
        Assert.Equal(Membership[^1].Last, _a.Status.Clock[new ChainId(Root.Agent, 1)]);
        var asked = (GossipMessage.Push)_a.Called(Other.Agent, new GossipMessage.Push(9, [], [new Want(new ChainId(Root.Agent, 1), 3, 3)], false));
        Assert.Empty(asked.Frame);

        var effects = _a.EndCommit();
        Assert.Single(effects.OfType<GossipEffect.Appended>());
        Assert.Equal(3, _a.Status.Clock[new ChainId(Root.Agent, 1)]);
    }

    [Fact]
    public void Received_segments_are_not_passed_on_before_their_commit_returned()
    {
        _a.Append(LoneEngine.Note("news"));
        _a.Commit();
        _a.ExchangeWith(_b);
        Assert.NotNull(_b.BeginCommit());
        Assert.Equal(2, _b.Status.Clock[new ChainId(Root.Agent, 1)]);
        _b.EndCommit();
        Assert.Equal(3, _b.Status.Clock[new ChainId(Root.Agent, 1)]);
    }

    [Fact]
    public void Appends_wait_for_the_commit_under_way_and_go_out_in_the_next_with_one_signature()
    {
        _a.Append(LoneEngine.Note("first"));
        Assert.NotNull(_a.BeginCommit());
        _a.Append(LoneEngine.Note("second"));
        _a.Append(LoneEngine.Note("third"));
        _a.EndCommit();
        var batch = _a.BeginCommit();
        Assert.Single(batch!.Segments);
        Assert.Equal(2, batch.Segments[0].Segment.Records.Length);
    }

    [Fact]
    public void Agents_that_agree_exchange_nothing_but_fingerprints()
    {
        _a.ExchangeWith(_b);
        var trace = _a.ExchangeWith(_b);
        var syn = Assert.IsType<GossipMessage.Syn>(trace[0]);
        Assert.Empty(syn.Changed);
        var ack = Assert.IsType<GossipMessage.SynAck>(trace[1]);
        Assert.Empty(ack.Claims);
        Assert.Equal(2, trace.Count);
    }

    [Fact]
    public void Every_64th_equal_exchange_compares_whole_clocks_by_hash()
    {
        var deep = 0;
        for (var i = 0; i < 130; i++)
            if (_a.ExchangeWith(_b)[0] is GossipMessage.Syn { Nonce: not 0 }) deep++;
        Assert.Equal(2, deep);
    }

    [Fact]
    public void News_goes_both_ways_in_one_exchange()
    {
        _a.Append(LoneEngine.Note("from a"));
        _a.Commit();
        _b.Append(LoneEngine.Note("from b"));
        _b.Commit();
        _a.ExchangeWith(_b);
        _a.Commit();
        _b.Commit();
        Assert.Equal(_a.Status.Clock, _b.Status.Clock);
        Assert.Equal(4, _a.Status.LogLength);
    }

    [Fact]
    public void More_than_one_budget_is_resumed_within_the_exchange_in_bounded_frames()
    {
        for (var i = 0; i < 40; i++)
        {
            _a.Append(LoneEngine.Note(new string('x', 30_000)));
            _a.Commit();
        }

        var frames = _a.ExchangeWith(_b).OfType<GossipMessage.Push>().Where(push => !push.Frame.IsEmpty).ToList();
        Assert.True(frames.Count >= 5, $"{frames.Count} frames for 1.2 MB at 256 KiB each");
        Assert.All(frames, push => Assert.True(push.Frame.Sum(item => item.Segment.Bytes) <= 256 * 1024));
        _b.Commit();
        Assert.Equal(_a.Status.Clock, _b.Status.Clock);
    }

    [Fact]
    public void A_segment_over_the_budget_travels_alone()
    {
        _a.Append(LoneEngine.Note("small"));
        _a.Append(LoneEngine.Note(new string('x', 900_000)));
        _a.Commit();
        _a.ExchangeWith(_b);
        _b.Commit();
        Assert.Equal(_a.Status.Clock, _b.Status.Clock);
    }

    [Fact]
    public void A_difference_that_recent_entries_do_not_explain_is_found_page_by_page()
    {
        var signers = Enumerable.Range(10, 40).Select(i => new KeyedHashSigner((ulong)i)).ToArray();
        var membership = LoneEngine.Found(Root, [Other, .. signers]);
        var options = new GossipOptions { RecentEntriesMax = 4, PageEntriesMax = 8 };
        var a = new LoneEngine(membership, Root, [Other.Agent], options);
        var b = new LoneEngine(membership, Other, [Root.Agent], options, seed: 2);
        foreach (var signer in signers)
        {
            var writer = new LoneEngine(membership, signer, [Root.Agent], options, seed: 3);
            writer.Append(LoneEngine.Note("hello"));
            writer.Commit();
            writer.ExchangeWith(a);
            a.Commit();
        }

        var pages = 0;
        for (var i = 0; i < 200 && !a.Status.Clock.Equals(b.Status.Clock); i++)
        {
            pages += a.ExchangeWith(b).Count(message => message is GossipMessage.Syn { Page: not null });
            b.Commit();
        }

        Assert.Equal(a.Status.Clock, b.Status.Clock);
        Assert.True(pages > 1, $"{pages} pages");
    }

    [Fact]
    public void A_peer_that_restarted_is_compared_afresh()
    {
        _a.ExchangeWith(_b);
        var reborn = new LoneEngine([], Other, [Root.Agent], seed: 9, tavern: LoneEngine.TavernOf(Membership));
        _a.ExchangeWith(reborn);
        _a.ExchangeWith(reborn);
        reborn.Commit();
        Assert.Equal(_a.Status.Clock, reborn.Status.Clock);
    }

    [Fact]
    public void A_stranger_is_refused_and_a_newcomer_whose_spawn_is_known_is_heard()
    {
        var stranger = new KeyedHashSigner(99);
        var syn = new GossipMessage.Syn(1, 1, 0, []);
        Assert.Equal(RefusalReason.Stranger, Assert.IsType<GossipMessage.Refused>(_a.Called(stranger.Agent, syn)).Reason);
        Assert.IsType<GossipMessage.SynAck>(_a.Called(Other.Agent, syn));
    }

    [Fact]
    public void A_paused_agent_neither_calls_nor_answers_and_catches_up_when_resumed()
    {
        _b.Step(new GossipInput.Pause([]));
        _a.Append(LoneEngine.Note("unheard"));
        _a.Commit();
        var trace = _a.ExchangeWith(_b);
        Assert.Equal(RefusalReason.Paused, Assert.IsType<GossipMessage.Refused>(trace[^1]).Reason);
        Assert.Empty(_b.Round());
        _b.Step(new GossipInput.Resume([]));
        _b.ExchangeWith(_a);
        _b.Commit();
        Assert.Equal(_a.Status.Clock, _b.Status.Clock);
    }

    [Fact]
    public void Only_the_named_peers_are_paused()
    {
        _b.Step(new GossipInput.Pause([Root.Agent]));
        Assert.IsType<GossipMessage.Refused>(_b.Called(Root.Agent, new GossipMessage.Syn(1, 1, 0, [])));
        Assert.Contains(_b.Status.Peers, peer => peer.Peer == Root.Agent && peer.Paused);
        Assert.False(_b.Status.Paused);
    }

    [Fact]
    public void A_chain_is_asked_for_at_one_peer_at_a_time_and_again_when_the_reservation_ran_out()
    {
        var third = new KeyedHashSigner(3);
        var fourth = new KeyedHashSigner(4);
        var membership = LoneEngine.Found(Root, Other, third, fourth);
        var hearer = new LoneEngine(membership, Root, []);
        var claim = new ClockClaim(new ChainId(Other.Agent, 1), 1, 12345);
        var first = (GossipMessage.SynAck)hearer.Called(third.Agent, new GossipMessage.Syn(1, 1, 7, [claim]));
        Assert.Single(first.Wants);
        var second = (GossipMessage.SynAck)hearer.Called(fourth.Agent, new GossipMessage.Syn(1, 1, 7, [claim]));
        Assert.Empty(second.Wants);

        hearer.Elapsed += TimeSpan.FromSeconds(1);
        hearer.Step(new GossipInput.Tick());
        Assert.Empty(((GossipMessage.SynAck)hearer.Called(third.Agent, new GossipMessage.Syn(2, 1, 7, [claim]))).Wants); // it defaulted
        Assert.Single(((GossipMessage.SynAck)hearer.Called(fourth.Agent, new GossipMessage.Syn(2, 1, 7, [claim]))).Wants);
    }

    [Fact]
    public void A_peer_whose_answer_came_late_is_asked_again_since_it_may_be_the_only_one()
    {
        var third = new KeyedHashSigner(3);
        var hearer = new LoneEngine(LoneEngine.Found(Root, Other, third), Root, []);
        var claim = new ClockClaim(new ChainId(Other.Agent, 1), 1, 12345);
        Assert.Single(((GossipMessage.SynAck)hearer.Called(third.Agent, new GossipMessage.Syn(1, 1, 7, [claim]))).Wants);
        hearer.Elapsed += TimeSpan.FromSeconds(1);
        hearer.Step(new GossipInput.Tick());
        Assert.Empty(((GossipMessage.SynAck)hearer.Called(third.Agent, new GossipMessage.Syn(2, 1, 7, [claim]))).Wants);

        hearer.Called(third.Agent, new GossipMessage.Push(1, [], [], false));
        Assert.Single(((GossipMessage.SynAck)hearer.Called(third.Agent, new GossipMessage.Syn(3, 1, 7, [claim]))).Wants);
    }

    [Fact]
    public void A_difference_that_cannot_be_settled_does_not_make_rounds_follow_each_other_for_ever()
    {
        var liar = new ClockClaim(new ChainId(Root.Agent, 1), 2, 666); // the same head, another hash
        for (var i = 0; i < 10; i++)
        {
            var call = _a.Round().Single();
            var asked = _a.Step(new GossipInput.Answered(call.CallId, new GossipMessage.SynAck(5, 12345, [liar], []))).OfType<GossipEffect.Call>().Single();
            Assert.Equal(666u, asked.Plan!.Wants.Single().Term); // it may be the other line of a fork
            Assert.Empty(_a.Step(new GossipInput.Answered(asked.CallId, new GossipMessage.Push(1, [], [], More: true))).OfType<GossipEffect.Call>());
        }

        Assert.True(_a.Status.NextRound > TimeSpan.FromMilliseconds(100), $"next round in {_a.Status.NextRound}");
    }

    [Fact]
    public void An_append_that_expects_another_head_is_refused_and_nothing_of_it_is_written()
    {
        _a.Step(new GossipInput.Append(5, [LoneEngine.Note("late")], ExpectedHead: 1));
        var effects = _a.Step(new GossipInput.FormBatch());
        var refused = Assert.Single(effects.OfType<GossipEffect.AppendRefused>());
        Assert.Equal(AppendRefusal.HeadMoved, refused.Reason);
        Assert.Empty(effects.OfType<GossipEffect.Commit>());
    }

    [Fact]
    public void An_agent_nobody_vouches_for_cannot_write()
    {
        var newcomer = new LoneEngine(Membership, new KeyedHashSigner(50), []);
        newcomer.Append(LoneEngine.Note("who am I"));
        var refused = Assert.Single(newcomer.Step(new GossipInput.FormBatch()).OfType<GossipEffect.AppendRefused>());
        Assert.Equal(AppendRefusal.NotVouched, refused.Reason);
    }

    [Fact]
    public void Equal_failures_share_one_receipt_and_do_not_call_for_commits()
    {
        for (var i = 0; i < 5; i++)
        {
            var call = _a.Round().Single();
            _a.Step(new GossipInput.CallFailed(call.CallId, "connection refused"));
            if (i == 0) _a.Commit();
            else Assert.Null(_a.BeginCommit());
        }

        _a.Append(LoneEngine.Note("next commit"));
        _a.Commit();
        var receipt = Assert.Single(_a.Batches[^1].Receipts);
        Assert.Equal(5, receipt.Count);
        Assert.Equal(_a.Batches[0].Receipts[0].Number, receipt.Number);
    }

    [Fact]
    public void A_failure_after_a_success_is_a_new_receipt_and_calls_for_a_commit_even_if_the_one_before_is_not_committed_yet()
    {
        _a.Step(new GossipInput.CallFailed(_a.Round().Single().CallId, "not there yet"));
        _a.ExchangeWith(_b);
        _a.Commit();
        _a.Step(new GossipInput.CallFailed(_a.Round().Single().CallId, "cut"));
        Assert.Equal(["cut"], _a.BeginCommit()!.Receipts.Select(receipt => receipt.Detail));
        Assert.Equal(2, _a.Batches.SelectMany(batch => batch.Receipts).Where(receipt => receipt.Detail is not null).DistinctBy(receipt => receipt.Number).Count());
    }
}
