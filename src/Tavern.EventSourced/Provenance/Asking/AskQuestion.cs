using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>What one agent can ask another about itself. In JSON an object whose <c>ask</c> names the kind.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "ask")]
[JsonDerivedType(typeof(Clock), "clock")]
[JsonDerivedType(typeof(Belief), "belief")]
[JsonDerivedType(typeof(Delivery), "delivery")]
[JsonDerivedType(typeof(Head), "head")]
[JsonDerivedType(typeof(Heads), "heads")]
public abstract record AskQuestion
{
    /// <summary>Longest field name, in characters: a name, not a document.</summary>
    public const int FieldCharsMax = 64;

    private AskQuestion()
    {
    }

    /// <summary>True for 1 to <see cref="FieldCharsMax"/> letters, digits, <c>-</c> and <c>_</c> (ASCII).</summary>
    public static bool IsFieldName(string field) =>
        field.Length is > 0 and <= FieldCharsMax && field.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>How far does your log go?</summary>
    /// <param name="Forked">Chains of which the asker holds several lines: their ends are to be named by hashes; null for none.</param>
    public sealed record Clock(ImmutableArray<ChainId>? Forked = null) : AskQuestion;

    /// <summary>What do you believe about an agent, and why?</summary>
    /// <param name="Subject">About whom.</param>
    /// <param name="Field">Field name, e.g. <c>state</c>.</param>
    /// <param name="AsOf">Also at this older cut, if given.</param>
    public sealed record Belief(AgentId Subject, string Field, VectorClock? AsOf = null) : AskQuestion;

    /// <summary>How did you get this event?</summary>
    /// <param name="Event">Which; never with a branch.</param>
    /// <param name="Hash">Its record's hash, so that no other line of the chain is taken for its; null when the asker does not know it.</param>
    public sealed record Delivery(EventId Event, Hash? Hash = null) : AskQuestion;

    /// <summary>Where does your copy of this chain end?</summary>
    public sealed record Head(ChainId Chain) : AskQuestion;

    /// <summary>How far have you heard this agent in its newest epoch, with its signature?</summary>
    public sealed record Heads(AgentId Writer) : AskQuestion;
}
