using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>A cut as every node names it. The branch numbers in a <see cref="VectorClock"/> are a node's own; here the lines of a forked chain go by
/// the hashes of their records. Two nodes hold the same cut exactly when these are equal; on one node comparing the clocks says the same.</summary>
public sealed class CanonicalCut : IEquatable<CanonicalCut>
{
    private const int NameChars = 8; // of a hash: enough to tell a few lines apart; equality goes by the whole hashes

    private readonly ImmutableArray<(ChainId Chain, long Sequence, Hash Hash)> _ends;
    private readonly string _text;

    private CanonicalCut(ImmutableArray<(ChainId Chain, long Sequence, Hash Hash)> ends, string text) => (_ends, _text) = (ends, text);

    /// <summary>Names a cut.</summary>
    /// <param name="cut">Causally closed.</param>
    /// <param name="events">Holds its events.</param>
    /// <param name="hashOf">The hash of a held record. Asked for the last of each chain, and for a few where one has forked.</param>
    public static CanonicalCut Of(VectorClock cut, CausalIndex events, Func<EventId, Hash> hashOf)
    {
        var (forks, text) = (ForkPoints.Of(events, cut), new StringBuilder());
        var ends = ImmutableArray.CreateBuilder<(ChainId Chain, long Sequence, Hash Hash)>();
        foreach (var chain in cut.Entries.Select(entry => entry.Chain.Main).Distinct())
        {
            if (text.Length > 0) text.Append(';');
            var last = Follow(chain[0]);
            text.Append(CultureInfo.InvariantCulture, $"{chain}={last.Sequence}");
            foreach (var (first, end) in PiecesAbove(last))
                text.Append(CultureInfo.InvariantCulture, $"/{hashOf(first).ToString()[..NameChars]}={end.Sequence}");
        }

        return new CanonicalCut([.. ends.Order()], text.ToString());

        // Where a line ends or forks, whatever branches it leads through.
        EventId Follow(EventId at)
        {
            while (forks.Next(at).ToList() is var next && next.Count == 1)
                at = next[0].Chain == at.Chain ? LastBeforeBranch(next[0]) : next[0];
            if (at.Sequence > 0 && !forks.Next(at).Any()) ends.Add((at.Chain.Main, at.Sequence, hashOf(at)));
            return at;
        }

        // The next event of a chain that a branch leaves, or its last.
        EventId LastBeforeBranch(EventId from) => from.Chain[forks.NextLeft(from)];

        // From each fork on, one piece per line up to where it ends or forks again; lower ones first, then by hash.
        List<(EventId First, EventId End)> PiecesAbove(EventId fork)
        {
            var (pieces, open) = (new List<(EventId First, EventId End)>(), new Queue<EventId>(forks.Next(fork)));
            while (open.TryDequeue(out var first))
            {
                var end = Follow(first);
                pieces.Add((first, end));
                foreach (var next in forks.Next(end)) open.Enqueue(next);
            }

            return [.. pieces.OrderBy(piece => piece.First.Sequence).ThenBy(piece => hashOf(piece.First))];
        }
    }

    /// <summary>True when both hold the same records.</summary>
    public bool Equals(CanonicalCut? other) => other is not null && _ends.AsSpan().SequenceEqual(other._ends.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CanonicalCut);

    /// <inheritdoc/>
    public override int GetHashCode() => _ends.Length == 0 ? 0 : HashCode.Combine(_ends.Length, _ends[^1]);

    /// <summary><c>agent=41;agent@2=7</c>, sorted by chain. Of a forked chain the last sequence that all lines share, then for each line from there, or
    /// from a further fork, the first 8 hexadecimal digits of its first record's hash and its last sequence: <c>agent=4/3f2a91c0=9/77aa0011=6</c>.</summary>
    public override string ToString() => _text;
}
