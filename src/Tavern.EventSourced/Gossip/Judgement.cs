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

    /// <summary>Hold it back until an event, or the event that vouches for its writer, is here.</summary>
    public sealed record Wait(EventId Missing, Hash? Voucher) : Judgement;

    /// <summary>Refuse it.</summary>
    public sealed record Refuse(string Detail) : Judgement;
}
