using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Finds out who wrote the segments of one frame with as few signature checks as it can: a checked signature vouches, by hash,
/// for the segments of the frame on the line that leads up to it, and for no others.</summary>
internal sealed class FrameAuthorship(IReadOnlyList<FrameSegment> frame, Hash tavern, ISignatureVerifier verifier)
{
    private readonly Dictionary<Segment, Authorship> _known = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Segment> _badTops = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a segment of the frame is the key holder's; <see cref="Authorship.Unknown"/> when it is not.</summary>
    public Authorship Of(Segment segment, ReadOnlySpan<byte> key)
    {
        if (_known.TryGetValue(segment, out var known)) return known;
        var line = LineFrom(segment);
        var top = line[^1];
        if (!_badTops.Contains(top))
        {
            if (top.IsSignedBy(key, tavern, verifier))
            {
                foreach (var below in line) _known[below] = Authorship.Vouched;
                _known[top] = Authorship.Signed;
                return _known[segment];
            }

            _badTops.Add(top);
        }

        // The top is not its writer's, but this one may be.
        return _known[segment] = !ReferenceEquals(segment, top) && segment.IsSignedBy(key, tavern, verifier) ? Authorship.Signed : Authorship.Unknown;
    }

    private List<Segment> LineFrom(Segment segment)
    {
        List<Segment> line = [segment];
        foreach (var (next, _) in frame)
            if (next.Chain == segment.Chain && next.First == line[^1].Last + 1 && next.Records[0].Header.Previous == line[^1].HeadHash) line.Add(next);
        return line;
    }
}
