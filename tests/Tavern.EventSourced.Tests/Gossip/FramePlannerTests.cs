using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class FramePlannerTests
{
    private static readonly Hash Tavern = Hash.Of([1]);

    [Fact]
    public void Each_segment_comes_once_after_its_causes_and_frames_stay_within_their_budget()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new SplitMix64(seed);
            var world = new World(1 + random.Below(12), random);
            for (var i = 0; i < 60; i++) world.Write(random.Below(world.Chains.Length), hears: random.Below(4), payloadBytes: random.Below(3000));
            var budget = 1 + random.Below(20_000);
            var has = world.Chains.ToDictionary(chain => chain, chain => (long)random.Below((int)world.Index.HeadOf(chain) + 1));
            world.Close(has);
            ImmutableArray<Want> wants = [.. world.Chains.Where(chain => has[chain] < world.Index.HeadOf(chain)).Select(chain => new Want(chain, has[chain] + 1, world.Index.HeadOf(chain)))];
            for (var frames = 0; !wants.IsEmpty; frames++)
            {
                Assert.True(frames < 200, $"seed {seed}: no end");
                var (segments, left) = FramePlanner.Plan(wants, world.Index, world.Delivered, world.Comparison, budget);
                Assert.True(segments.Length == 1 || (segments.Length > 1 && segments.Sum(planned => planned.Entry.Bytes) <= budget), $"seed {seed}: {segments.Length} segments over the budget");
                foreach (var (entry, _) in segments)
                {
                    Assert.True(entry.First == has[entry.Chain] + 1, $"seed {seed}: {entry.Chain[entry.First]} does not follow {has[entry.Chain]}");
                    foreach (var dependency in entry.Dependencies) Assert.True(has[dependency.Chain] >= dependency.Sequence, $"seed {seed}: {entry.Chain[entry.First]} before {dependency}");
                    has[entry.Chain] = entry.Last;
                }

                wants = left;
            }

            Assert.All(world.Chains, chain => Assert.Equal(world.Index.HeadOf(chain), has[chain]));
        }
    }

    /// <summary>Everybody writes all the time, some a lot and some much deeper than others; what a receiver lacks goes to it in small frames,
    /// which it asks for as <see cref="FrameInbox"/> does: chains that got nothing for longest first.</summary>
    [Theory]
    [InlineData(64, 1)]
    [InlineData(64, 20)]
    public void No_chain_waits_more_than_three_times_the_mean_while_all_write(int chains, int chatty)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var random = new SplitMix64(seed);
            var world = new World(chains, random);
            for (var i = 0; i < 2000; i++) world.Write(random.Below(2), hears: 0, payloadBytes: 10); // two are deep from the start
            var has = world.Chains.ToDictionary(chain => chain, world.Index.HeadOf);
            var (written, waited, servedAt) = (new Dictionary<EventId, int>(), world.Chains.ToDictionary(chain => chain, _ => new List<int>()), world.Chains.ToDictionary(chain => chain, _ => 0));
            for (var frame = 1; frame <= 600; frame++)
            {
                for (var writes = 0; writes < 8; writes++)
                {
                    var chain = random.Below(4) == 0 ? random.Below(chatty) : random.Below(chains);
                    written.Add(world.Write(chain, hears: random.Below(2), payloadBytes: 500), frame);
                }

                ImmutableArray<Want> wants = [.. world.Chains
                    .Where(chain => has[chain] < world.Index.HeadOf(chain))
                    .OrderBy(chain => servedAt[chain])
                    .Select(chain => new Want(chain, has[chain] + 1, world.Index.HeadOf(chain)))];
                foreach (var (entry, _) in FramePlanner.Plan(wants, world.Index, world.Delivered, world.Comparison, 8 * 800).Segments)
                {
                    waited[entry.Chain].Add(frame - written[entry.Chain[entry.First]]);
                    (has[entry.Chain], servedAt[entry.Chain]) = (entry.Last, frame);
                }
            }

            var mean = waited.Values.SelectMany(waits => waits).Average() + 1; // a frame at least
            foreach (var (chain, waits) in waited)
                Assert.True(waits.Count > 0 && waits.Average() + 1 <= 3 * mean, $"seed {seed}: {chain} waits {(waits.Count == 0 ? -1 : waits.Average()):F1} frames, all {mean:F1}");
        }
    }

    [Fact]
    public void A_deep_chain_is_not_starved_by_shallow_chatty_ones()
    {
        var random = new SplitMix64(1);
        var world = new World(5, random);
        for (var i = 0; i < 4000; i++) world.Write(1 + (i % 4), hears: 0, payloadBytes: 10);
        for (var i = 0; i < 3000; i++) world.Write(0, hears: 0, payloadBytes: 10);
        var deep = world.Chains[0];
        ImmutableArray<Want> wants = [.. world.Chains.Select(chain => new Want(chain, chain == deep ? 3000 : 1, world.Index.HeadOf(chain)))];
        var (segments, _) = FramePlanner.Plan(wants, world.Index, world.Delivered, world.Comparison, 5 * 400);
        Assert.Contains(segments, planned => planned.Entry.Chain == deep);
    }

    /// <summary>Chains that depend on each other, as one node holds them.</summary>
    private sealed class World
    {
        private readonly SplitMix64 _random;
        private readonly ChainWriter[] _writers;
        private readonly Hash[] _previous;

        public World(int chains, SplitMix64 random)
        {
            _random = random;
            var signers = Enumerable.Range(0, chains).Select(number => new KeyedHashSigner((ulong)number + 1)).ToArray();
            Chains = [.. signers.Select(signer => new ChainId(signer.Agent, 1))];
            _writers = [.. signers.Select((signer, i) => new ChainWriter(Tavern, Chains[i], signer))];
            _previous = new Hash[chains];
        }

        public ChainId[] Chains { get; }

        public SegmentIndex Index { get; } = new();

        public DeliveredClock Delivered { get; } = new(new ClockTerms(Tavern));

        public ClaimComparison Comparison => new(new ClockTerms(Tavern), Index);

        /// <summary>Writes a segment of one record that depends on the heads of some other chains.</summary>
        public EventId Write(int writer, int hears, int payloadBytes)
        {
            var heads = Enumerable.Range(0, hears)
                .Select(_ => Chains[_random.Below(Chains.Length)])
                .Where(chain => chain != Chains[writer] && Index.HeadOf(chain) > 0)
                .Distinct().Order()
                .Select(chain => (chain[Index.HeadOf(chain)], HeadHash(chain))).ToArray();
            var head = Index.HeadOf(Chains[writer]);
            var segment = _writers[writer].Write([new EventDraft("Note", 1, new byte[payloadBytes])], head, _previous[writer], heads, [new HybridTime(1, 0)])[0];
            var entry = Index.Add(segment, verified: true);
            Delivered.Advance(entry, Index.PredecessorOf(segment.Chain[segment.First]), segment.HeadHash, 0);
            _previous[writer] = segment.HeadHash;
            return segment.Chain[segment.First];
        }

        /// <summary>Raises what a receiver has until it is closed under causes.</summary>
        public void Close(Dictionary<ChainId, long> has)
        {
            for (var changed = true; changed;)
            {
                changed = false;
                foreach (var chain in Chains)
                {
                    for (var sequence = 1L; sequence <= has[chain]; sequence++)
                    {
                        Index.TryGetSegment(chain[sequence], out var entry);
                        foreach (var dependency in entry!.Dependencies.Where(dependency => has[dependency.Chain] < dependency.Sequence))
                            (has[dependency.Chain], changed) = (dependency.Sequence, true);
                    }
                }
            }
        }

        private Hash HeadHash(ChainId chain) => Index.TryGetHash(chain[Index.HeadOf(chain)], out var hash) ? hash : default;
    }
}
