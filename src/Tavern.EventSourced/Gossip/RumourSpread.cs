using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Which rumours still go out with messages: the newest of each agent, those told least often first, each a number of times
/// that grows with the logarithm of the tavern (SWIM, Das 2002). Nothing is left of them when all is quiet.</summary>
internal sealed class RumourSpread
{
    /// <summary>Rumours in one message: about 400 bytes.</summary>
    public const int RumoursMax = 8;

    private const int TimesFactor = 3; // times 1 + log2 of the peers; SWIM: "lambda log n"

    private readonly Dictionary<AgentId, (Rumour Rumour, int Told)> _rumours = [];
    private readonly SortedSet<(int Told, AgentId About)> _byTold = [];

    /// <summary>Spreads a rumour; what was said of the same agent before is not told any more.</summary>
    public void Add(Rumour rumour)
    {
        if (_rumours.TryGetValue(rumour.About, out var before)) _byTold.Remove((before.Told, rumour.About));
        _rumours[rumour.About] = (rumour, 0);
        _byTold.Add((0, rumour.About));
    }

    /// <summary>Takes what goes into one message.</summary>
    /// <param name="first">What the addressee has to hear of itself; it counts, but is not among those spread.</param>
    /// <param name="addressee">Nothing else is said to it about itself.</param>
    /// <param name="peers">How many peers there are.</param>
    public ImmutableArray<Rumour> Take(Rumour? first, AgentId addressee, int peers)
    {
        if (_byTold.Count == 0) return first is { } only ? [only] : [];
        var taken = ImmutableArray.CreateBuilder<Rumour>();
        if (first is { } said) taken.Add(said);
        foreach (var (told, about) in _byTold.Where(next => next.About != addressee).Take(RumoursMax - taken.Count).ToList())
        {
            var rumour = _rumours[about].Rumour;
            taken.Add(rumour);
            _byTold.Remove((told, about));
            if (told + 1 >= TimesFactor * (1 + System.Numerics.BitOperations.Log2((uint)Math.Max(peers, 1))))
            {
                _rumours.Remove(about);
                continue;
            }

            _rumours[about] = (rumour, told + 1);
            _byTold.Add((told + 1, about));
        }

        return taken.DrainToImmutable();
    }
}
