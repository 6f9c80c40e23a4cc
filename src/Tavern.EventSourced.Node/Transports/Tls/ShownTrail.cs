using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>What a node shows for all newer keys of its agents: each record once, causes first, as much as a proof may hold. Immutable.</summary>
internal sealed class ShownTrail
{
    /// <summary>Nothing: all keys are first ones.</summary>
    public static readonly ShownTrail Empty = new([]);

    private ShownTrail(ImmutableArray<SignedExcerpt> excerpts) => Excerpts = excerpts;

    /// <summary>What goes into a proof.</summary>
    public ImmutableArray<SignedExcerpt> Excerpts { get; }

    /// <summary>The same with one more agent's trail; null when that is too much.</summary>
    public ShownTrail? With(ImmutableArray<SignedExcerpt> trail)
    {
        var shown = Excerpts.Select(excerpt => excerpt.Hash).ToHashSet<Hash>();
        ImmutableArray<SignedExcerpt> all = [.. Excerpts, .. trail.Where(excerpt => shown.Add(excerpt.Hash))];
        return all.Length <= WireLimits.TrailExcerptsMax && all.Sum(excerpt => (long)excerpt.Bytes) <= WireLimits.TrailBytesMax ? new ShownTrail(all) : null;
    }
}
