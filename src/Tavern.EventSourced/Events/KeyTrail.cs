using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>What shows that agents have newer keys than those that their ids derive from, to somebody who holds nothing but the tavern's id: the record
/// that founds the tavern; for each agent on the way the spawn and the first record that accepts it, by which its parent is its parent; and
/// each record that gives a key. The rules are those of <see cref="ChainOrigins"/>. A newer record than those shown is not seen
/// here: whoever holds one must not believe an older trail.</summary>
/// <param name="Grants">What gives keys, causes first.</param>
/// <param name="Spawns">By agent, the spawn that it accepted.</param>
public sealed record KeyTrail(ImmutableArray<KeyGrant> Grants, ImmutableDictionary<AgentId, EventId> Spawns)
{
    /// <summary>Follows excerpts from the tavern's first record on.</summary>
    /// <param name="tavern">The tavern's id.</param>
    /// <param name="excerpts">Causes first.</param>
    /// <param name="verifier">Called at most twice for each excerpt.</param>
    public static TrailFinding Follow(Hash tavern, ImmutableArray<SignedExcerpt> excerpts, ISignatureVerifier verifier)
    {
        var walk = new KeyTrailWalk(tavern, verifier);
        foreach (var excerpt in excerpts)
            if (walk.FlawOf(excerpt) is { } flaw) return new TrailFinding.Refused(flaw);
        return new TrailFinding.Followed(walk.Trail);
    }
}

/// <summary>A record on a trail that gives a key.</summary>
/// <param name="Rekey">What it says.</param>
/// <param name="SignedWith">The key that signed it: the recovery key for a recovery.</param>
public sealed record KeyGrant(Rekey Rekey, ReadOnlyMemory<byte> SignedWith);

/// <summary>What can be said of excerpts that are shown for newer keys.</summary>
public abstract record TrailFinding
{
    private TrailFinding()
    {
    }

    /// <summary>Each rests on those before it.</summary>
    public sealed record Followed(KeyTrail Trail) : TrailFinding;

    /// <summary>One does not; nothing of them counts.</summary>
    public sealed record Refused(string Reason) : TrailFinding;
}
