using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>What is to be done with a segment that arrived.</summary>
internal abstract record Judgement
{
    private Judgement()
    {
    }

    /// <summary>It is here already: nothing.</summary>
    public sealed record Skip : Judgement;

    /// <summary>Deliver it.</summary>
    public sealed record Deliver : Judgement;

    /// <summary>Hold it back until a record is here.</summary>
    /// <param name="Missing">Its name, for people; when nobody vouches for the writer yet, the segment's own first event.</param>
    /// <param name="Hash">The start of its hash, which tells it from others in the same place.</param>
    public sealed record Wait(EventId Missing, UInt128 Hash) : Judgement;

    /// <summary>Refuse it.</summary>
    public sealed record Refuse(string Detail) : Judgement;
}
