using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class HostilePeerTests
{
    private static readonly KeyedHashSigner Root = new(1);
    private static readonly KeyedHashSigner Writer = new(2);
    private static readonly KeyedHashSigner Liar = new(3);
    private static readonly ImmutableArray<Segment> Membership = LoneEngine.Found(Root, Writer, Liar);
    private static readonly Hash Tavern = LoneEngine.TavernOf(Membership);
    private static readonly ChainId Chain = new(Writer.Agent, 1);

    [Fact]
    public void A_forged_record_beside_a_checked_head_that_waits_is_refused()
    {
        var liar = new LoneEngine(Membership, Liar, []);
        liar.Append(LoneEngine.Note("withheld"));
        var withheld = liar.BeginCommit()!.Segments[0].Segment;
        var writer = new LoneEngine(Membership, Writer, []);
        writer.Append(LoneEngine.Note("first"));
        var first = writer.BeginCommit()!.Segments[0].Segment;
        writer.EndCommit();
        writer.Called(Liar.Agent, new GossipMessage.Push(1, [new FrameSegment(withheld, 0)], [], false));
        writer.Append(LoneEngine.Note("second"));
        var second = writer.BeginCommit()!.Segments.Select(s => s.Segment).Single(s => s.Chain == Chain);
        var forged = new ChainWriter(Tavern, Chain, Liar).Write([LoneEngine.Note("forged")], 1, first.HeadHash, [], [default(HybridTime)])[0];

        var hearer = new LoneEngine(Membership, Root, []);
        hearer.Called(Liar.Agent, new GossipMessage.Push(1, [new FrameSegment(first, 0), new FrameSegment(second, 0), new FrameSegment(forged, 0)], [], false));
        hearer.Commit();
        Assert.Equal(1, hearer.Status.Clock[Chain]);
    }

    [Fact]
    public void Junk_that_waits_does_not_keep_the_real_record_from_being_asked_for()
    {
        var writer = new LoneEngine(Membership, Writer, [Root.Agent]);
        writer.Append(LoneEngine.Note("real"));
        writer.Commit();
        var missing = new ChainId(Liar.Agent, 1)[99];
        var junk = new ChainWriter(Tavern, Chain, Liar).Write(
            [LoneEngine.Note("junk")], 0, Membership[0].Records[1].Hash, [(missing, Hash.Of("x"u8))], [default(HybridTime)])[0];

        var hearer = new LoneEngine(Membership, Root, []);
        hearer.Called(Liar.Agent, new GossipMessage.Push(1, [new FrameSegment(junk, 0)], [], false));
        for (var i = 0; i < 5; i++)
        {
            writer.ExchangeWith(hearer);
            hearer.Commit();
        }

        Assert.Equal(1, hearer.Status.Clock[Chain]);
    }

    [Fact]
    public void Forked_chains_of_different_length_do_not_make_exchanges_follow_each_other_for_ever()
    {
        var a = Forked(Root, "left", 1);
        var b = Forked(Liar, "right", 3);
        Assert.InRange(Calls(a, b, TimeSpan.FromSeconds(10)), 0, 200);
    }

    [Fact]
    public void A_peer_that_always_promises_more_and_sends_nothing_does_not_hold_an_exchange_for_ever()
    {
        var a = new LoneEngine(Membership, Root, [Liar.Agent]);
        var calls = new Queue<GossipEffect.Call>(a.Round());
        var count = 0;
        while (calls.TryDequeue(out var call) && count++ < 1000)
        {
            GossipMessage answer = call.Message is GossipMessage.Syn
                ? new GossipMessage.SynAck(9, 12345, [new ClockClaim(Chain, 1_000_000, 777)], [])
                : new GossipMessage.Push(1, [], [], More: true);
            foreach (var next in a.Step(new GossipInput.Answered(call.CallId, answer)).OfType<GossipEffect.Call>()) calls.Enqueue(next);
        }

        Assert.InRange(count, 0, 100);
    }

    [Fact]
    public void A_restarted_peer_is_asked_again_at_once()
    {
        var hearer = new LoneEngine(Membership, Root, []);
        GossipMessage.SynAck Ask(ulong exchange, ulong incarnation) => (GossipMessage.SynAck)hearer.Called(
            Writer.Agent, new GossipMessage.Syn(exchange, incarnation, 5, [new ClockClaim(Chain, 1, 777)]));
        Assert.Single(Ask(1, 1).Wants);
        hearer.Elapsed += TimeSpan.FromSeconds(1);
        hearer.Step(new GossipInput.Tick());
        Assert.Single(Ask(1, 2).Wants);
    }

    [Fact]
    public void Records_cut_into_other_segments_for_two_agents_of_a_node_break_nothing()
    {
        var whole = new ChainWriter(Tavern, Chain, Writer).Write([LoneEngine.Note("a"), LoneEngine.Note("b")], 0, Membership[0].Records[1].Hash, [], [default(HybridTime), default(HybridTime)])[0];
        var lower = new Segment([whole.Records[0]], Writer.Sign(Segment.SignedContent(Tavern, whole.Records[0].Id, whole.Records[0].Hash)));
        var index = new SegmentIndex();
        foreach (var s in Membership) index.Add(s, true);
        var x = Engine(Root, index);
        var y = Engine(Liar, index);
        var now = new EngineTime(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);
        x.Step(new GossipInput.Called(1, Writer.Agent, false, new GossipMessage.Push(1, [new FrameSegment(whole, 0)], [], false)), now);
        y.Step(new GossipInput.Called(1, Writer.Agent, false, new GossipMessage.Push(1, [new FrameSegment(lower, 0)], [], false)), now);
        var commit = y.Step(new GossipInput.FormBatch(), now).OfType<GossipEffect.Commit>().SingleOrDefault();
        if (commit is not null) y.Step(new GossipInput.Committed(), now);
        var delivered = commit?.Batch.Runs.Sum(run => run.Last - run.First + 1) ?? 0;
        Assert.Equal(Membership.Sum(s => s.Records.Length) + delivered, y.Status(now).LogLength);
    }

    [Fact]
    public void More_concurrent_tips_than_one_header_names_keep_nobody_from_writing()
    {
        const int tips = 1700; // more than the 1,024 that ALGORITHM.md names
        var signers = Enumerable.Range(10, tips).Select(i => new KeyedHashSigner((ulong)i)).ToArray();
        var membership = LoneEngine.Found(Root, [Writer, .. signers]);
        var tavern = LoneEngine.TavernOf(membership);
        var records = membership.SelectMany(s => s.Records).ToArray();
        var hearer = new LoneEngine(membership, Writer, []);
        for (var i = 0; i < signers.Length; i++)
        {
            var chain = new ChainId(signers[i].Agent, 1);
            var segment = new ChainWriter(tavern, chain, signers[i]).Write([LoneEngine.Note("hi")], 0, records[i + 2].Hash, [], [default(HybridTime)])[0];
            hearer.Called(Root.Agent, new GossipMessage.Push(1, [new FrameSegment(segment, 0)], [], false));
        }

        var named = new HashSet<EventId>();
        for (var i = 1; i <= 2; i++)
        {
            hearer.Append(LoneEngine.Note($"mine {i}"));
            var written = hearer.BeginCommit()!.Segments.Select(stored => stored.Segment).Single(segment => segment.Chain == Chain);
            hearer.EndCommit();
            Assert.InRange(written.Dependencies.Length, 1, 1024);
            named.UnionWith(written.Dependencies);
        }

        Assert.Subset(named, signers.Select(signer => new ChainId(signer.Agent, 1)[1]).ToHashSet());
    }

    [Fact]
    public void One_append_that_cannot_be_written_refuses_no_other()
    {
        var writer = new LoneEngine(Membership, Writer, []);
        var causes = Enumerable.Range(1, 4000).Select(i => new ChainId(new KeyedHashSigner((ulong)i).Agent, 1)[long.MaxValue - i]).ToImmutableArray();
        writer.Append(LoneEngine.Note("good"));
        writer.Append(LoneEngine.Note("bad") with { Causes = causes });
        Assert.Single(writer.Step(new GossipInput.FormBatch()).OfType<GossipEffect.AppendRefused>());
    }

    [Fact]
    public void Claims_of_chains_that_do_not_exist_do_not_pile_up()
    {
        var reservations = new Reservations(TimeSpan.FromSeconds(60), new NodeShare());
        var now = TimeSpan.Zero;
        for (ulong i = 1; i <= 100; i++)
        {
            for (ulong n = 0; n < 2048; n++)
            {
                var chain = new ChainId(new AgentId((UInt128)(i * 5000 + n)), 1);
                reservations.TryReserve(new ExchangeKey(Writer.Agent, i, false), new Want(chain, 1, 1), now, TimeSpan.FromMilliseconds(200));
            }

            now += TimeSpan.FromSeconds(1); // less than defaulters wait: none of them is over
            reservations.Expire(now);
            Assert.InRange(reservations.Count, 1, 4096);
        }
    }

    [Fact]
    public void Forgeries_of_epochs_that_do_not_exist_leave_one_row()
    {
        var hearer = new LoneEngine(Membership, Root, []);
        for (var epoch = 2; epoch <= 101; epoch++)
        {
            var forged = new ChainWriter(Tavern, new ChainId(Writer.Agent, epoch), Liar).Write([LoneEngine.Note("forged")], 0, Membership[0].Records[1].Hash, [], [default(HybridTime)])[0];
            hearer.Called(Liar.Agent, new GossipMessage.Push(1, [new FrameSegment(forged, 0)], [], false));
            hearer.Commit();
        }

        var row = Assert.Single(hearer.Batches.SelectMany(batch => batch.Receipts).Select(receipt => receipt.Number).Distinct());
        Assert.Equal(1, row);
    }

    [Fact]
    public void An_announcement_without_addresses_breaks_no_reader()
    {
        foreach (var json in new[] { "{\"addresses\":null}", "{}", "{\"addresses\":[null]}" })
        {
            var draft = new EventDraft(nameof(EndpointAnnounced), 1, System.Text.Encoding.UTF8.GetBytes(json));
            var segment = new ChainWriter(Tavern, Chain, Writer).Write([draft], 0, Membership[0].Records[1].Hash, [], [default(HybridTime)])[0];
            if (EventCatalogue.TryRead(segment.Records[0], out var body)) Assert.NotNull(((EndpointAnnounced)body).Addresses.Select(a => a).ToList());
        }
    }

    [Fact]
    public void While_nothing_can_be_committed_no_more_is_asked_for()
    {
        var hearer = new LoneEngine(Membership, Root, []);
        var writer = new LoneEngine(Membership, Writer, []);
        hearer.Append(LoneEngine.Note("stuck"));
        hearer.BeginCommit();
        long bytes = 0;
        for (var i = 0; i < 1000; i++)
        {
            writer.Append(LoneEngine.Note(new string('x', 60_000)));
            var segment = writer.BeginCommit()!.Segments[0].Segment;
            writer.EndCommit();
            if (hearer.Called(Writer.Agent, new GossipMessage.Push(1, [new FrameSegment(segment, 0)], [], false)) is GossipMessage.Refused) break;
            bytes += segment.Bytes;
        }

        Assert.InRange(bytes, 0, 40_000_000);
    }

    private static GossipEngine Engine(KeyedHashSigner signer, SegmentIndex index) => new(
        new GossipOptions(),
        new EngineStart(Tavern, signer.Agent, 1, Membership.Select((s, i) => new global::Tavern.EventSourced.Provenance.Run(signer.Agent, s.Records[0].Id.Sequence, s.Chain, s.First, s.Last, 0, 0)).ToList(), 0, [], 1, 1),
        index, signer, new KeyedHashVerifier());

    private static LoneEngine Forked(KeyedHashSigner who, string text, int count)
    {
        var segments = ImmutableArray.CreateBuilder<Segment>();
        var (head, hash) = (0L, Membership[0].Records[1].Hash);
        for (var i = 0; i < count; i++)
        {
            var segment = new ChainWriter(Tavern, Chain, Writer).Write([LoneEngine.Note(text + i)], head, hash, [], [default(HybridTime)])[0];
            segments.Add(segment);
            (head, hash) = (segment.Last, segment.HeadHash);
        }

        return new LoneEngine([.. Membership, .. segments], who, [who == Root ? Liar.Agent : Root.Agent], seed: (ulong)count);
    }

    private static int Calls(LoneEngine a, LoneEngine b, TimeSpan span)
    {
        var (count, end) = (0, a.Elapsed + span);
        var wake = new Dictionary<LoneEngine, TimeSpan> { [a] = a.Elapsed, [b] = b.Elapsed };
        // some news to start with
        a.Append(LoneEngine.Note("news"));
        a.BeginCommit();
        Perform(a, a.EndCommit());
        while (count < 100_000)
        {
            var next = wake[a] <= wake[b] ? a : b;
            if (wake[next] > end) break;
            a.Elapsed = b.Elapsed = wake[next] > a.Elapsed ? wake[next] : a.Elapsed;
            wake[next] = TimeSpan.MaxValue;
            Perform(next, next.Step(new GossipInput.Tick()));
            foreach (var engine in new[] { a, b })
            {
                if (engine.BeginCommit() is not null) Perform(engine, engine.EndCommit());
            }
        }

        return count;

        void Perform(LoneEngine engine, IReadOnlyList<GossipEffect> effects)
        {
            var other = engine == a ? b : a;
            foreach (var w in effects.OfType<GossipEffect.WakeAt>()) wake[engine] = w.Elapsed;
            foreach (var effect in effects)
            {
                if (effect is not GossipEffect.Call call) continue;
                count++;
                var answerEffects = other.Step(new GossipInput.Called(77, engine.Id, false, engine.Materialise(call.Message, call.Plan)));
                var respond = answerEffects.OfType<GossipEffect.Respond>().Single();
                foreach (var w in answerEffects.OfType<GossipEffect.WakeAt>()) wake[other] = w.Elapsed;
                Perform(engine, engine.Step(new GossipInput.Answered(call.CallId, other.Materialise(respond.Message, respond.Plan))));
            }
        }
    }
}
