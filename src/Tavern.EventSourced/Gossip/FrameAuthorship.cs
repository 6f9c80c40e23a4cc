using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Finds out who wrote the segments of one frame with as few signature checks as it can: a checked signature vouches, by hash,
/// for the segments of the frame on the line that leads up to it, and for no others.</summary>
internal sealed class FrameAuthorship(IReadOnlyList<FrameSegment> frame, Hash tavern, ISignatureVerifier verifier)
{
    private readonly Dictionary<Segment, Authorship> _known = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Segment> _wrong = new(ReferenceEqualityComparer.Instance); // signatures that were checked and are not the writer's
    private readonly ILookup<EventId, Segment> _byFirst = frame.Select(item => item.Segment).ToLookup(segment => segment.Chain[segment.First]);

    /// <summary>Whether a segment of the frame is the key holder's; <see cref="Authorship.Unknown"/> when it is not. Each signature of the
    /// frame is checked at most once.</summary>
    public Authorship Of(Segment segment, ReadOnlySpan<byte> key)
    {
        while (!_known.ContainsKey(segment))
        {
            var line = LineFrom(segment);
            var top = line[^1];
            if (!_wrong.Contains(top) && top.IsSignedBy(key, tavern, verifier))
            {
                foreach (var below in line) _known.TryAdd(below, Authorship.Vouched);
                _known[top] = Authorship.Signed;
            }
            else if (ReferenceEquals(top, segment))
            {
                _wrong.Add(top);
                return Authorship.Unknown;
            }
            else
            {
                _wrong.Add(top); // the line may have another end
            }
        }

        return _known[segment];
    }

    /// <summary>The segment and those that follow it by hash, as far as they may still end in a good signature.</summary>
    private List<Segment> LineFrom(Segment segment)
    {
        List<Segment> line = [segment];
        while (_byFirst[segment.Chain[line[^1].Last + 1]].FirstOrDefault(next => next.Records[0].Header.Previous == line[^1].HeadHash && !_wrong.Contains(next)) is { } next)
            line.Add(next);
        return line;
    }
}
