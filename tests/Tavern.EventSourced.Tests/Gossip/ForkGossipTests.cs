using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>Forks among engines that gossip: every line reaches everybody, every fork is exposed, and then it is quiet.</summary>
public class ForkGossipTests
{
    private const int RoundsMax = 60;

    [Theory]
    [InlineData(4, 25)]
    [InlineData(9, 12)]
    [InlineData(16, 6)]
    public void All_lines_reach_all_and_every_fork_is_exposed_in_every_log(int agents, int histories)
    {
        var forks = 0;
        for (ulong seed = 1; seed <= (ulong)histories; seed++)
        {
            var random = new SplitMix64(seed);
            var history = new ForkedHistory(seed * 7 + (ulong)agents, agents, liars: 1 + (int)(seed % 3));
            var expected = history.Closure();
            var engines = Engines(history.Held, history.Hearers, seed);
            var network = new ForkNetwork(engines);
            // The liars tell each line to somebody else, and everybody writes meanwhile.
            foreach (var segment in history.Offered)
            {
                Tell(engines, random.Below(agents), segment);
                if (random.Below(12) == 0) network.Round();
                if (random.Below(12) == 0) engines[random.Below(agents)].Append(LoneEngine.Note("meanwhile"));
            }

            for (var i = 0; i < 3; i++)
            {
                foreach (var segment in history.Offered) Tell(engines, random.Below(agents), segment);
                network.Round();
            }

            AssertSettles(network, seed);
            foreach (var engine in engines)
            {
                var missing = expected.Except(engine.Delivered()).Count();
                Assert.True(missing == 0, $"seed {seed}: {engine.Id} lacks {missing} of {expected.Count}");
                foreach (var chain in history.Forked(expected))
                    Assert.True(Exposures(engine, chain).Count > 0, $"seed {seed}: the fork of {chain} is not exposed in the log of {engine.Id}");
            }

            forks += history.Forked(expected).Count;
            AssertQuiet(network, seed);
        }

        Assert.True(forks > histories / 2, $"{forks} forks prove little");
    }

    [Fact]
    public void Two_copies_of_one_agent_that_both_write_are_exposed_on_all_others_and_stop()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var random = new SplitMix64(seed);
            var keys = Enumerable.Range(0, 5).Select(_ => new KeyedHashSigner(random.Next())).ToArray();
            var held = LoneEngine.Found(new KeyedHashSigner(random.Next()), keys);
            var before = new LoneEngine(held, keys[0], []);
            before.Append(LoneEngine.Note("before the copy"));
            held = [.. held, .. before.BeginCommit()!.Segments.Select(stored => stored.Segment).Where(segment => segment.Chain.Agent == keys[0].Agent)];
            var one = Engines(held, keys, seed);
            var others = Engines(held, keys, seed + 50);
            var (original, copy) = (one[0], others[0]);
            // Two of the others hear the original, two the copy.
            for (var i = 0; i < 3; i++)
            {
                original.Append(LoneEngine.Note($"original {i}"));
                WriteTo(original, one[1], one[2]);
                if (i == 2) continue; // lines of different length
                copy.Append(LoneEngine.Note($"copy {i}"));
                WriteTo(copy, one[3], one[4]);
            }

            // Now all but the copy can meet; the copy's line is with two of them.
            var network = new ForkNetwork([original, .. one[1..]]);
            AssertSettles(network, seed);
            var chain = new ChainId(keys[0].Agent, 1);
            foreach (var engine in one[1..])
            {
                Assert.Equal(2, engine.Index.BranchesOf(chain).Count);
                Assert.NotEmpty(Exposures(engine, chain));
            }

            original.Append(LoneEngine.Note("one line too many"));
            var refused = Assert.Single(original.Step(new GossipInput.FormBatch()).OfType<GossipEffect.AppendRefused>());
            Assert.Equal(AppendRefusal.Forked, refused.Reason);
            AssertQuiet(network, seed);
        }
    }

    [Fact]
    public void An_agent_that_hears_of_a_later_epoch_of_its_own_writes_no_more()
    {
        var (root, signer) = (new KeyedHashSigner(1), new KeyedHashSigner(2));
        var held = LoneEngine.Found(root, signer);
        var engine = new LoneEngine(held, signer, []);
        engine.Append(LoneEngine.Note("before the copy"));
        engine.Commit();
        var last = engine.Batches[^1].Segments[^1].Segment;
        var begun = new ChainWriter(LoneEngine.TavernOf(held), new ChainId(signer.Agent, 2), signer)
            .Write([EventCatalogue.Draft(new EpochStarted(1, last.Last, last.HeadHash))], 0, last.HeadHash, [], [default])[0];
        engine.Called(root.Agent, Push(begun));
        engine.Commit();

        engine.Append(LoneEngine.Note("this would not count"));
        var refused = Assert.Single(engine.Step(new GossipInput.FormBatch()).OfType<GossipEffect.AppendRefused>());
        Assert.Equal(AppendRefusal.Forked, refused.Reason);
        Assert.Contains("begun epoch 2", refused.Detail, StringComparison.Ordinal);
        Assert.Null(engine.BeginCommit());
    }

    [Fact]
    public void A_flood_of_branches_spreads_and_keeps_nobody_from_writing_or_from_hearing_others()
    {
        const int branches = 1500;
        var (root, liar) = (new KeyedHashSigner(1), new KeyedHashSigner(2));
        var keys = Enumerable.Range(3, 3).Select(i => new KeyedHashSigner((ulong)i)).ToArray();
        var held = LoneEngine.Found(root, [liar, .. keys]);
        var engines = Engines(held, keys, 1);
        var (chain, voucher) = (new ChainId(liar.Agent, 1), held[0].Records[1].Hash);
        engines[0].Append(LoneEngine.Note("honest"));
        engines[0].Commit();
        for (var i = 0; i < branches; i++)
            Tell(engines, i % 2, new ChainWriter(LoneEngine.TavernOf(held), chain, liar).Write([LoneEngine.Note($"{i}")], 0, voucher, [], [default])[0]);
        foreach (var engine in engines) engine.Commit();
        var network = new ForkNetwork(engines);
        network.Round();
        Assert.True(engines[2].Status.Clock[new ChainId(keys[0].Agent, 1)] > 0, "the flood came first");
        AssertSettles(network, 1);
        Assert.Equal(branches, engines[2].Index.BranchesOf(chain).Count);
        AssertQuiet(network, 1);
    }

    [Fact]
    public void What_honest_agents_write_after_a_fork_reaches_everybody()
    {
        var history = new ForkedHistory(3, 6, liars: 2);
        var engines = Engines(history.Held, history.Hearers, 3);
        var network = new ForkNetwork(engines);
        foreach (var (segment, i) in history.Offered.Select((segment, i) => (segment, i))) Tell(engines, i % 6, segment);
        AssertSettles(network, 3);
        for (var i = 0; i < 20; i++)
        {
            engines[i % 6].Append(LoneEngine.Note($"later {i}"));
            engines[i % 6].Commit();
            Assert.InRange(network.RoundsUntilConverged(10), 1, 10);
        }
    }

    [Fact]
    public void A_proof_shows_two_records_of_one_place_with_their_writers_signatures()
    {
        var (root, writer, other) = (new KeyedHashSigner(1), new KeyedHashSigner(2), new KeyedHashSigner(3));
        var held = LoneEngine.Found(root, writer, other);
        var chain = new ChainId(writer.Agent, 1);
        var hearer = new LoneEngine(held, other, []);
        foreach (var text in new[] { "to you", "to others" })
            hearer.Called(root.Agent, Push(new ChainWriter(LoneEngine.TavernOf(held), chain, writer).Write([LoneEngine.Note(text)], 0, held[0].Records[1].Hash, [], [default])[0]));
        hearer.Commit();
        hearer.Commit();
        var proof = Assert.IsType<ForkDetected>(Exposures(hearer, chain).Select(hearer.BodyOf).Select(segment => EventCatalogue.TryRead(segment.Records[^1], out var body) ? body : null).Single());
        Assert.Equal((writer.Agent, 1, 1L), (proof.Agent, proof.Epoch, proof.Sequence));
        foreach (var (header, signature) in new[] { (proof.HeaderA, proof.SignatureA), (proof.HeaderB, proof.SignatureB) })
        {
            Assert.Equal(chain[1], EventHeader.Decode(header).Id);
            Assert.True(new KeyedHashVerifier().Verify(writer.PublicKey.Span, Segment.SignedContent(LoneEngine.TavernOf(held), chain[1], Hash.Of(header)), signature));
        }

        Assert.NotEqual(proof.HeaderA, proof.HeaderB);
        Assert.Null(hearer.BeginCommit()); // once
    }

    [Fact]
    public void Wants_name_a_line_only_where_something_speaks_of_a_fork()
    {
        var (root, writer, other) = (new KeyedHashSigner(1), new KeyedHashSigner(2), new KeyedHashSigner(3));
        var held = LoneEngine.Found(root, writer, other);
        var chain = new ChainId(writer.Agent, 1);
        var (from, to) = (new LoneEngine(held, writer, [other.Agent]), new LoneEngine(held, other, [writer.Agent]));
        for (var i = 0; i < 5; i++)
        {
            from.Append(LoneEngine.Note($"{i}"));
            from.Commit();
        }

        Assert.Equal(new Want(chain, 1, 5), Assert.Single(WantsOf(from.ExchangeWith(to)))); // no term, no points
        to.Commit();
        var line = new ChainWriter(LoneEngine.TavernOf(held), chain, writer).Write([LoneEngine.Note("another line")], 3, HashOf(from, chain[3]), [], [default])[0];
        from.Called(root.Agent, Push(line));
        from.Commit();
        var asked = WantsOf(from.ExchangeWith(to)).Single(want => want.Chain == chain);
        Assert.NotEqual(UInt128.Zero, asked.Term);
        Assert.Equal([3L, 2L], asked.Points.Select(point => point.Sequence));
        to.Commit();
        Assert.Equal(2, to.Index.BranchesOf(chain).Count);
        Assert.Equal(4, to.Index.FirstOf(chain with { Branch = 1 }));
        Assert.Equal(chain[3], to.Index.PredecessorOf(chain[4] with { Branch = 1 }));
        Assert.Equal(4, to.Index.ForkOf(chain));
    }

    /// <summary>Commits, and brings what was committed to some.</summary>
    private static void WriteTo(LoneEngine writer, params LoneEngine[] hearers)
    {
        var written = writer.BeginCommit()!.Segments;
        writer.EndCommit();
        foreach (var hearer in hearers)
        {
            foreach (var stored in written) hearer.Called(writer.Id, Push(stored.Segment));
            hearer.Commit();
        }
    }

    private static IEnumerable<Want> WantsOf(IEnumerable<GossipMessage> trace) => trace.SelectMany(message => message switch
    {
        GossipMessage.SynAck ack => ack.Wants,
        GossipMessage.Push push => push.Wants,
        _ => [],
    });

    private static Hash HashOf(LoneEngine engine, EventId id) => engine.Index.TryGetHash(id, out var hash) ? hash : throw new InvalidOperationException($"{id} is not held.");

    private static LoneEngine[] Engines(ImmutableArray<Segment> held, IReadOnlyList<KeyedHashSigner> keys, ulong seed) =>
        [.. keys.Select((key, i) => new LoneEngine(held, key, [.. keys.Where(other => other != key).Select(other => other.Agent)], seed: seed * 100 + (ulong)i))];

    /// <summary>A liar tells one agent, in the name of another.</summary>
    private static void Tell(LoneEngine[] engines, int number, Segment segment) => engines[number].Called(engines[(number + 1) % engines.Length].Id, Push(segment));

    private static void AssertSettles(ForkNetwork network, ulong seed)
    {
        Assert.True(network.RoundsUntilConverged(RoundsMax) > 0, $"seed {seed}: not converged");
        network.Round(); // forks that the last commits brought are exposed
        Assert.True(network.RoundsUntilConverged(RoundsMax) > 0, $"seed {seed}: not converged after exposing the forks");
    }

    /// <summary>The events of a log that expose a fork.</summary>
    private static List<EventId> Exposures(LoneEngine engine, ChainId chain) =>
        [.. engine.Index.ExposedBy(chain).Where(id => engine.Status.Clock[id.Chain] >= id.Sequence)];

    private static void AssertQuiet(ForkNetwork network, ulong seed)
    {
        for (var i = 0; i < 3; i++) network.Round(); // what the last round left to confirm
        var frames = network.Frames;
        for (var i = 0; i < 10; i++) network.Round();
        Assert.True(network.Frames == frames, $"seed {seed}: {network.Frames - frames} frames were sent after all agreed");
        Assert.InRange(network.IdleBytesMax, 1, 128);
    }

    private static GossipMessage.Push Push(Segment segment) => new(1, [new FrameSegment(segment, 0)], [], false);
}
