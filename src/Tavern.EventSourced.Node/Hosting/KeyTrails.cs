using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Reads what shows that an agent has a newer key than the one its id derives from.</summary>
internal static class KeyTrails
{
    /// <summary>A hosted agent's: out of the log, or as it came with the key while the log does not have it.</summary>
    /// <param name="hosted">The agent.</param>
    /// <param name="key">Its present key.</param>
    /// <param name="index">What the log holds.</param>
    /// <param name="store">The log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ImmutableArray<SignedExcerpt>> OfAsync(
        HostedName hosted, ReadOnlyMemory<byte> key, SegmentIndex index, IEventStore store, CancellationToken cancellationToken) =>
        TrailPlan.Of(index, hosted.Agent, key) is { IsEmpty: false } records
            ? await ReadAsync(store, records, cancellationToken).ConfigureAwait(false)
            : hosted.KeyTrail;

    /// <summary>The excerpts that show these records, in that order.</summary>
    public static async Task<ImmutableArray<SignedExcerpt>> ReadAsync(IEventStore store, ImmutableArray<EventId> records, CancellationToken cancellationToken)
    {
        var excerpts = ImmutableArray.CreateBuilder<SignedExcerpt>(records.Length);
        foreach (var id in records)
            await foreach (var (segment, _) in store.ReadChainAsync(id.Chain, id.Sequence, id.Sequence, cancellationToken).ConfigureAwait(false))
                excerpts.Add(SignedExcerpt.Of(segment, id.Sequence));
        return excerpts.DrainToImmutable();
    }
}
