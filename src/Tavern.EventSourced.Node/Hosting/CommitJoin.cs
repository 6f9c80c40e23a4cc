using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Joins what several agents hand over into one commit. One owner: the loop.</summary>
internal sealed class CommitJoin(SegmentIndex index, PositionBook positions)
{
    private readonly Dictionary<ChainId, long> _committed = []; // since the start; what was held before is skipped by the store

    /// <summary>One batch: bodies that several agents received are in it once, bodies that the store holds are not in it, causes come
    /// first whichever agent received them; appends with a key leave an idempotency entry, those that handled something move its
    /// subscription.</summary>
    /// <param name="commits">What the engines hand over.</param>
    /// <param name="steps">Appends without events, that only move a subscription.</param>
    /// <param name="appends">All of them, by token.</param>
    public StoreBatch Join(
        IReadOnlyList<GossipEffect.Commit> commits, ImmutableArray<AppendedEvents> steps, IReadOnlyDictionary<long, PendingAppend> appends)
    {
        var segments = commits
            .SelectMany(commit => commit.Batch.Segments)
            .Where(stored => stored.Segment.Last > _committed.GetValueOrDefault(stored.Segment.Chain))
            .GroupBy(stored => stored.Segment.Records[0].Id)
            .Select(same => same.FirstOrDefault(stored => stored.Verified, same.First()))
            .OrderBy(stored => index.DepthOf(stored.Segment.Records[0].Id)) // stable: a cause is always less deep than its effects
            .ToImmutableArray();
        return new StoreBatch
        {
            Segments = segments,
            Runs = [.. commits.SelectMany(commit => commit.Batch.Runs)],
            Receipts = [.. commits.SelectMany(commit => commit.Batch.Receipts)],
            IdempotencyEntries = [.. commits.SelectMany(commit => commit.Appends).SelectMany(appended => EntriesOf(appended, appends))],
            PositionSteps = positions.IsMoving ? [.. commits.SelectMany(commit => commit.Appends).Concat(steps).SelectMany(appended => StepsOf(appended, appends))] : [],
        };
    }

    /// <summary>The store holds this segment.</summary>
    public void Committed(Segment segment) => _committed[segment.Chain] = segment.Last;

    private static IEnumerable<IdempotencyEntry> EntriesOf(AppendedEvents appended, IReadOnlyDictionary<long, PendingAppend> appends)
    {
        if (appends.TryGetValue(appended.Token, out var append) && append.Key is { } key)
            yield return new IdempotencyEntry(append.Agent, key, append.RequestHash, appended.Events[0]);
    }

    private static IEnumerable<PositionStep> StepsOf(AppendedEvents appended, IReadOnlyDictionary<long, PendingAppend> appends)
    {
        if (appends.TryGetValue(appended.Token, out var append) && append.Step is { } step)
            yield return step with { By = appended.Events is [.., var last] ? last : null };
    }
}
