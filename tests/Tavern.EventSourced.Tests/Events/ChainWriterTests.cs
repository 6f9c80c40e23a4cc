using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Events;

public class ChainWriterTests
{
    private static readonly Hash Tavern = Hash.Of("tavern"u8);
    private static readonly KeyedHashSigner Key = new(1);
    private static readonly ChainId Chain = new(Key.Agent, 1);
    private static readonly List<(EventId, Hash)> Heard = [(new EventId(new AgentId(1), 1, 9), Hash.Of("heard"u8))];

    [Fact]
    public void A_batch_of_small_events_is_one_segment_with_one_signature()
    {
        var segment = Assert.Single(Write([.. Enumerable.Range(0, 100).Select(i => TestAuthor.Note($"{i}"))]));
        Assert.Equal(100, segment.Records.Length);
        Assert.Equal((8, 107), (segment.First, segment.Last));
        Assert.True(segment.IsSignedBy(Key.PublicKey.Span, Tavern, new KeyedHashVerifier()));
    }

    [Fact]
    public void Batches_of_any_sizes_are_cut_before_64_KiB_and_nowhere_else()
    {
        for (ulong seed = 1; seed <= 100; seed++)
        {
            var random = new SplitMix64(seed);
            ImmutableArray<EventDraft> drafts = [.. Enumerable.Range(0, 1 + random.Below(30)).Select(_ => TestAuthor.Note(new string('x', SizeOf(random))))];
            var segments = Write(drafts);

            var records = segments.SelectMany(segment => segment.Records).ToList();
            Assert.True(records.Select(record => record.Payload.ToArray()).SequenceEqual(drafts.Select(draft => draft.Payload.ToArray()), new SameBytes()), $"seed {seed}: other payloads");
            Assert.True(records.Select(record => record.Id).SequenceEqual(Enumerable.Range(8, drafts.Length).Select(i => Chain[i])), $"seed {seed}: other places");
            for (var i = 0; i < segments.Length; i++)
            {
                var segment = segments[i];
                Assert.True(segment.Records.Length == 1 || segment.Bytes <= EventLimits.SegmentBytesMax, $"seed {seed}: segment {i} has {segment.Bytes} bytes");
                Assert.True(segment.IsSignedBy(Key.PublicKey.Span, Tavern, new KeyedHashVerifier()), $"seed {seed}: segment {i} is not signed");
                Assert.True(segment.Dependencies.IsEmpty == i > 0, $"seed {seed}: segment {i} names {segment.Dependencies.Length} dependencies");
                if (i > 0) Assert.True(segments[i - 1].Bytes + segment.Records[0].Bytes > EventLimits.SegmentBytesMax, $"seed {seed}: segment {i} was cut off too early");
            }
        }
    }

    [Fact]
    public void The_record_that_founds_a_tavern_is_signed_under_its_own_hash_and_so_is_all_that_comes_with_it()
    {
        var segments = new ChainWriter(null, Chain, Key).Write([TestAuthor.Note(new string('x', 60_000)), TestAuthor.Note(new string('x', 60_000))], 0, default, [], new HybridTime[2]);
        Assert.Equal(2, segments.Length);
        Assert.All(segments, segment => Assert.True(segment.IsSignedBy(Key.PublicKey.Span, segments[0].Records[0].Hash, new KeyedHashVerifier())));
    }

    private static ImmutableArray<Segment> Write(ImmutableArray<EventDraft> drafts) =>
        new ChainWriter(Tavern, Chain, Key).Write(drafts, 7, Hash.Of("before"u8), Heard, new HybridTime[drafts.Length]);

    private static int SizeOf(SplitMix64 random) => random.Below(4) switch
    {
        0 => random.Below(100),
        1 => random.Below(10_000),
        2 => 60_000 + random.Below(10_000), // about the limit
        _ => random.Below(100_000),
    };

    private sealed class SameBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
