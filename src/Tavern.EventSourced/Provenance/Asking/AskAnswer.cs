using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>What an agent answers to an <see cref="AskQuestion"/>. In JSON an object whose <c>answer</c> names the kind.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "answer")]
[JsonDerivedType(typeof(Clock), "clock")]
[JsonDerivedType(typeof(Belief), "belief")]
[JsonDerivedType(typeof(Delivered), "delivered")]
[JsonDerivedType(typeof(NotDelivered), "not-delivered")]
[JsonDerivedType(typeof(Head), "head")]
[JsonDerivedType(typeof(Heads), "heads")]
[JsonDerivedType(typeof(CannotAnswer), "cannot-answer")]
public abstract record AskAnswer
{
    /// <summary>Most proofs in one answer: one, and one more per branch of a fork.</summary>
    public const int ProofsMax = 16;

    private AskAnswer()
    {
    }

    /// <summary>Answers <see cref="AskQuestion.Clock"/>.</summary>
    /// <param name="Vector">All it has delivered, without the chains in <paramref name="Lines"/>.</param>
    /// <param name="Position">Length of its log, in events.</param>
    /// <param name="Lines">Of each chain that has forked here or at the asker, where its lines end; null for none.</param>
    public sealed record Clock(VectorClock Vector, long Position, ImmutableArray<LineEnd>? Lines = null) : AskAnswer;

    /// <summary>Answers <see cref="AskQuestion.Belief"/>.</summary>
    public sealed record Belief(BeliefAccount Account) : AskAnswer;

    /// <summary>Answers <see cref="AskQuestion.Delivery"/>: the event is in its log.</summary>
    /// <param name="Run">The run that brought it.</param>
    /// <param name="Receipt">From whom, when and how; null for its own events, and when it was pruned.</param>
    /// <param name="Written">When the event was written, by its writer's clock; null when unknown.</param>
    public sealed record Delivered(Run Run, Receipt? Receipt = null, DateTimeOffset? Written = null) : AskAnswer;

    /// <summary>Answers <see cref="AskQuestion.Delivery"/>: the event is not in its log.</summary>
    /// <param name="HeadSequence">Where its copy of the chain ends; 0 for nothing of it.</param>
    /// <param name="HeldBack">Set when the event arrived and waits.</param>
    /// <param name="Rejection">Set when the event arrived and was refused.</param>
    public sealed record NotDelivered(long HeadSequence, HeldBackEvents? HeldBack = null, Rejection? Rejection = null) : AskAnswer;

    /// <summary>Answers <see cref="AskQuestion.Head"/>.</summary>
    /// <param name="Chain">The chain.</param>
    /// <param name="Sequence">Last sequence delivered of it; 0 for nothing.</param>
    /// <param name="Hash">That record's hash; 32 zero bytes for nothing.</param>
    public sealed record Head(ChainId Chain, long Sequence, Hash Hash) : AskAnswer;

    /// <summary>Answers <see cref="AskQuestion.Heads"/>.</summary>
    /// <param name="Writer">Who was asked about.</param>
    /// <param name="Proofs">The ends of its newest epoch, at most <see cref="ProofsMax"/>; empty for nothing.</param>
    public sealed record Heads(AgentId Writer, ImmutableArray<HeadProof> Proofs) : AskAnswer;

    /// <summary>It understood the call but cannot answer: an unknown kind of question, or a cut it does not hold.</summary>
    /// <param name="Reason">One sentence.</param>
    public sealed record CannotAnswer(string Reason) : AskAnswer;
}

/// <summary>Proves how far an agent has written: whoever knows its key can check it.</summary>
/// <param name="Header">Header bytes of a record that ends a segment.</param>
/// <param name="Signature">The signature that ends the segment.</param>
public sealed record HeadProof(byte[] Header, byte[] Signature);
