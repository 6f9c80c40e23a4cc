using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Why two agents believe different things, or that they do not, with the evidence for it. In JSON an object whose
/// <c>kind</c> names it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Agree), "agree")]
[JsonDerivedType(typeof(NotHeard), "not-heard")]
[JsonDerivedType(typeof(Waiting), "held-back")]
[JsonDerivedType(typeof(Rejected), "rejected")]
[JsonDerivedType(typeof(Overruled), "overruled")]
[JsonDerivedType(typeof(Forked), "forked")]
[JsonDerivedType(typeof(NeverSaid), "never-said")]
[JsonDerivedType(typeof(StaleView), "stale-view")]
[JsonDerivedType(typeof(Unreachable), "unreachable")]
public abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>The verdict's name as all doors show it, e.g. <c>not-heard</c>.</summary>
    [JsonIgnore]
    public string Name => this switch
    {
        Agree => "agree",
        NotHeard => "not-heard",
        Waiting => "held-back",
        Rejected => "rejected",
        Overruled => "overruled",
        Forked => "forked",
        NeverSaid => "never-said",
        StaleView => "stale-view",
        Unreachable => "unreachable",
        _ => throw new InvalidOperationException($"Verdict {GetType().Name} has no name."),
    };

    /// <summary>Both hold the same value.</summary>
    /// <param name="ObserverEvent">The event that decided it for the observer.</param>
    /// <param name="SubjectEvent">The event that decided it for the subject; may be a later one with the same value.</param>
    public sealed record Agree(EventId ObserverEvent, EventId SubjectEvent) : Verdict;

    /// <summary>One of the two has not delivered the event that decides for the other, and never received it.</summary>
    /// <param name="Behind">Who lacks it: nearly always the observer; the subject, when others wrote about it.</param>
    /// <param name="Deciding">The event.</param>
    /// <param name="Missing">What is missing up to the event.</param>
    /// <param name="Holders">Who has the event; sorted.</param>
    /// <param name="Delay">Why it has not moved.</param>
    public sealed record NotHeard(AgentId Behind, EventId Deciding, EventRange Missing, ImmutableArray<AgentId> Holders, Delay Delay) : Verdict;

    /// <summary>Held back: the event arrived, and waits for another one.</summary>
    /// <param name="Behind">Where it waits.</param>
    /// <param name="Deciding">The event.</param>
    /// <param name="HeldBack">What waits, and for what.</param>
    /// <param name="Holders">Who has what it waits for; sorted.</param>
    public sealed record Waiting(AgentId Behind, EventId Deciding, HeldBackEvents HeldBack, ImmutableArray<AgentId> Holders) : Verdict;

    /// <summary>The event arrived and was refused.</summary>
    /// <param name="Behind">Who refused it.</param>
    /// <param name="Deciding">The event.</param>
    /// <param name="Rejection">From whom, when, and why not.</param>
    public sealed record Rejected(AgentId Behind, EventId Deciding, Rejection Rejection) : Verdict;

    /// <summary>The observer delivered the subject's deciding event, and a rule decided otherwise.</summary>
    /// <param name="Deciding">The event that decides for the subject; null when the subject's view holds nothing.</param>
    /// <param name="Rule">The rule that decided for the observer; null when its view holds nothing, so that a rule ignores the event.</param>
    /// <param name="Competing">The event that won; null in the same case.</param>
    /// <param name="Relation">How the competing event stands to the deciding one; null when nobody at hand holds both.</param>
    /// <param name="UnheardBySubject">What the subject lacks up to the competing event; null when it has that too.</param>
    public sealed record Overruled(EventId? Deciding, string? Rule, EventId? Competing, CausalOrder? Relation, EventRange? UnheardBySubject) : Verdict;

    /// <summary>The deciding event is the subject's own and lies above a fork of its chain, or in an epoch after one that nobody has endorsed. One of the
    /// two knows of the fork, and its view takes nothing from there on.</summary>
    /// <param name="KnownTo">Who knows of the fork.</param>
    /// <param name="Deciding">The event, which decides for the other.</param>
    /// <param name="Fork">The fork: of the event's own epoch, or of an earlier one.</param>
    public sealed record Forked(AgentId KnownTo, EventId Deciding, ForkAccount Fork) : Verdict
    {
        /// <summary>True when the event's epoch came after the fork, and counts once an ancestor endorses it.</summary>
        [JsonIgnore]
        public bool WaitsForEndorsement => Deciding.Epoch > Fork.Epoch;
    }

    /// <summary>The subject's log holds no event that carries the value.</summary>
    /// <param name="Claimed">The event of the subject that decides for the observer and that the subject itself no longer
    /// has: its disk was lost or rolled back. Null when neither holds any value.</param>
    /// <param name="LastDurable">The last event in the subject's own chains; null for none.</param>
    /// <param name="NewEpoch">The subject's present epoch, when it is another than that of the claimed event.</param>
    public sealed record NeverSaid(EventId? Claimed, EventId? LastDurable, int? NewEpoch) : Verdict;

    /// <summary>The question was about an older cut, and the observer holds another value by now.</summary>
    /// <param name="Cut">The older cut.</param>
    /// <param name="Newer">What the observer holds now; null for nothing.</param>
    /// <param name="Now">The verdict on that.</param>
    public sealed record StaleView(VectorClock Cut, ShownBelief? Newer, Verdict Now) : Verdict;

    /// <summary>An account that the answer needs could not be read. What follows is a lower bound.</summary>
    /// <param name="Silent">Who did not answer: the subject, the observer, or both (observer first).</param>
    /// <param name="LastKnown">The last event that is known of the subject if it is silent, else of the observer; null for none.</param>
    /// <param name="SilentForMilliseconds">Time since that event, at least 0; null when its time is unknown.</param>
    /// <param name="Asked">Who was asked for it; sorted.</param>
    /// <param name="Proven">What the asker's own log proves about the subject; null for nothing.</param>
    /// <param name="MissingAtLeast">What the observer lacks of that at least; null when nothing, or when it did not answer.</param>
    public sealed record Unreachable(
        ImmutableArray<AgentId> Silent,
        EventId? LastKnown,
        long? SilentForMilliseconds,
        ImmutableArray<AgentId> Asked,
        ShownBelief? Proven,
        EventRange? MissingAtLeast) : Verdict;
}
