using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Joins what several agents hand over into one commit, in the order made.</summary>
internal static class CommitJoin
{
    /// <summary>One batch: bodies that several agents received are in it once; appends with a key leave an idempotency entry.</summary>
    public static StoreBatch Of(IReadOnlyList<GossipEffect.Commit> commits, IReadOnlyDictionary<long, PendingAppend> appends)
    {
        var segments = ImmutableArray.CreateBuilder<StoredSegment>();
        var places = new Dictionary<EventId, int>();
        foreach (var stored in commits.SelectMany(commit => commit.Batch.Segments))
        {
            var first = stored.Segment.Records[0].Id;
            if (places.TryGetValue(first, out var place))
            {
                if (stored.Verified && !segments[place].Verified) segments[place] = stored;
                continue;
            }

            places.Add(first, segments.Count);
            segments.Add(stored);
        }

        return new StoreBatch
        {
            Segments = segments.DrainToImmutable(),
            Runs = [.. commits.SelectMany(commit => commit.Batch.Runs)],
            Receipts = [.. commits.SelectMany(commit => commit.Batch.Receipts)],
            IdempotencyEntries = [.. commits.SelectMany(commit => commit.Appends).SelectMany(appended => EntriesOf(appended, appends))],
        };
    }

    private static IEnumerable<IdempotencyEntry> EntriesOf(AppendedEvents appended, IReadOnlyDictionary<long, PendingAppend> appends)
    {
        if (appends.TryGetValue(appended.Token, out var append) && append.Key is { } key)
            yield return new IdempotencyEntry(append.Agent, key, append.RequestHash, appended.Events[0]);
    }
}
