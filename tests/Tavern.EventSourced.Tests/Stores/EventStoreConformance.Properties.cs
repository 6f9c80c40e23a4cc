using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

public abstract partial class EventStoreConformance
{
    /// <summary>Random legal batches, retries of old ones and illegal ones; after each, the store holds what the facts say.</summary>
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_is_committed_retried_and_refused_exactly_the_legal_batches_are_held(ulong seed)
    {
        var random = new SplitMix64(seed);
        var history = new RandomHistory(random);
        List<StoreBatch> committed = [];
        for (var step = 0; step < 120; step++)
        {
            switch (random.Below(8))
            {
                case 0 when committed.Count > 0:
                    await CommitAsync(committed[random.Below(committed.Count)]);
                    break;
                case 1 when committed.Count > 0:
                    await Assert.ThrowsAsync<StoreConflictException>(async () => await CommitAsync(history.NextIllegal()));
                    break;
                case 2:
                    await RestartAsync();
                    break;
                default:
                    var batch = history.NextLegal();
                    await CommitAsync(batch);
                    committed.Add(batch);
                    break;
            }

            if (step % 10 == 0) await RequireAsync($"seed {seed}, step {step}");
        }

        await RestartAsync();
        await RequireAsync($"seed {seed}, at the end");

        async Task RequireAsync(string where)
        {
            Assert.Equal($"{where}\n{history.Expected()}", $"{where}\n{await StoreContents.DescribeAsync(Store)}");
            foreach (var entry in history.Keys) Assert.Equal(entry, await Store.FindIdempotencyAsync(entry.Agent, entry.Key, default));
        }
    }

    /// <summary>Makes batches and keeps, as plain lists, what a store must hold after the legal ones.</summary>
    private sealed class RandomHistory(SplitMix64 random)
    {
        private static readonly AgentId[] Holders = [new(11), new(12), new(13)];

        private readonly TestChains _chains = new(random.Next());
        private readonly List<TestAuthor> _authors = [];
        private readonly List<StoredSegment> _segments = [];
        private readonly List<Run> _runs = [];
        private readonly Dictionary<ChainId, EventId> _leaves = []; // which record each branch follows
        private readonly Dictionary<(AgentId Holder, long Number), Receipt> _receipts = [];

        public List<IdempotencyEntry> Keys { get; } = [];

        public string Expected() => StoreContents.Describe(_segments, _runs, _receipts.Values);

        public StoreBatch NextLegal()
        {
            List<StoredSegment> segments = [];
            for (var count = random.Below(4); count > 0; count--)
            {
                if (_authors.Count < 5 || random.Below(20) == 0)
                    _authors.Add(_authors.Count % 3 == 2 && IsLatest(_authors[^1]) ? _authors[^1].NextEpoch() : _chains.Author());
                var author = _authors[random.Below(_authors.Count)];
                if (author.Head > 0 && random.Below(6) == 0) author = NextLine(author);
                segments.Add(new StoredSegment(author.Next(1 + random.Below(5)), random.Below(2) == 0));
            }

            _segments.AddRange(segments);
            List<Run> runs = [];
            List<Receipt> receipts = [];
            foreach (var holder in Holders)
            {
                if (random.Below(2) == 0 || NextRun(holder) is not { } run) continue;
                _runs.Add(run);
                runs.Add(run);
                receipts.Add(NextReceipt(holder, run.Receipt));
            }

            List<IdempotencyEntry> keys = [];
            if (_segments.Count > 0 && random.Below(3) == 0)
                keys.Add(new IdempotencyEntry(Holders[random.Below(3)], $"key {Keys.Count}", Hash.Of([(byte)Keys.Count]), LastHeld()));
            Keys.AddRange(keys);
            return new StoreBatch { Segments = [.. segments], Runs = [.. runs], Receipts = [.. receipts], IdempotencyEntries = [.. keys] };
        }

        /// <summary>A legal-looking batch with one thing wrong at its end; the history does not move.</summary>
        public StoreBatch NextIllegal()
        {
            var good = new StoreBatch
            {
                Segments = [new StoredSegment(_chains.Author().Next(2), Verified: true)],
                Receipts = [new Receipt(Holders[0], 1_000, Holders[1], 1, DeliveryMode.Network, DateTimeOffset.UnixEpoch, 0, ReceiptOutcome.Rejected)],
            };
            var written = _authors.Find(author => author.Head > 0);
            var run = NextRun(Holders[random.Below(3)]) ?? new Run(Holders[0], 1, new ChainId(new AgentId(9), 1), 1, 1, 0, 0);
            return random.Below(5) switch
            {
                0 when written is not null => good with { Segments = good.Segments.Add(new StoredSegment(Beyond(written), Verified: true)) },
                1 => good with { Runs = [run with { Position = run.Position + 1 + random.Below(3) }] },
                2 => good with { Runs = [run with { First = run.First + 1, Last = run.Last + 1 }] },
                3 when Keys.Count > 0 => good with { IdempotencyEntries = [Keys[0] with { RequestHash = Hash.Of("another"u8) }] },
                _ => good with { Runs = [run with { Last = run.Last + 1_000 }] },
            };
        }

        /// <summary>A segment that lies past the author's held head.</summary>
        private static Segment Beyond(TestAuthor author)
        {
            var record = author.Fork().Records[0];
            var header = record.Header with { Id = author.Chain[author.Head + 2], Previous = record.Hash };
            return new Segment([EventRecord.Create(header, record.Payload)], new byte[32]);
        }

        private bool IsLatest(TestAuthor author) => !_authors.Exists(other => other.Chain.Agent == author.Chain.Agent && other.Chain.Epoch > author.Chain.Epoch);

        private TestAuthor NextLine(TestAuthor author)
        {
            var line = author.Line(_authors.Count(other => other.Chain.Main == author.Chain.Main));
            _leaves.Add(line.Chain, author.HeadId);
            _authors.Add(line);
            return line;
        }

        private EventId LastHeld() => _segments[^1].Segment.Records[0].Id;

        private Run? NextRun(AgentId holder)
        {
            var log = _runs.Where(run => run.Holder == holder).ToList();
            var open = _segments.GroupBy(stored => stored.Segment.Chain)
                .Select(chain => (
                    Chain: chain.Key,
                    First: log.Where(run => run.Chain == chain.Key).Select(run => run.Last + 1).DefaultIfEmpty(chain.Min(stored => stored.Segment.First)).Max(),
                    Head: chain.Max(stored => stored.Segment.Last)))
                .Where(chain => chain.First <= chain.Head)
                .Where(chain => !_leaves.TryGetValue(chain.Chain, out var before) || log.Exists(run => run.Chain == before.Chain && run.Last >= before.Sequence))
                .OrderBy(chain => chain.Chain).ToList();
            if (open.Count == 0) return null;
            var (chain, first, head) = open[random.Below(open.Count)];
            var position = log.Count == 0 ? 1 : log[^1].LastPosition + 1;
            return new Run(holder, position, chain, first, first + random.Below((int)(head - first) + 1), random.Below(4), 1 + random.Below(6));
        }

        private Receipt NextReceipt(AgentId holder, long number)
        {
            var count = _receipts.TryGetValue((holder, number), out var held) ? held.Count + 1 : 1;
            return _receipts[(holder, number)] = new Receipt(
                holder, number, Holders[random.Below(3)], random.Next(), (DeliveryMode)random.Below(4),
                DateTimeOffset.UnixEpoch.AddTicks(random.Below(int.MaxValue)), random.Below(100), (ReceiptOutcome)random.Below(4),
                random.Below(2) == 0 ? null : $"detail {count}", count);
        }
    }
}
