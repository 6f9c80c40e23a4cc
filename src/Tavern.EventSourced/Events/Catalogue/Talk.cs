using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>A question. It is named by this event.</summary>
/// <param name="Text">The question.</param>
/// <param name="To">Who should answer; empty for anyone.</param>
public sealed record QuestionRaised(string Text, ImmutableArray<AgentId>? To = null) : TavernEvent;

/// <summary>An answer.</summary>
public sealed record QuestionAnswered(EventId Question, string Text) : TavernEvent;

/// <summary>The asker no longer needs an answer.</summary>
public sealed record QuestionWithdrawn(EventId Question, string? Reason = null) : TavernEvent;

/// <summary>Something others should know.</summary>
/// <param name="Text">What was found.</param>
/// <param name="Topic">A short key under which later discoveries replace earlier ones, if any.</param>
public sealed record DiscoveryShared(string Text, string? Topic = null) : TavernEvent;

/// <summary>A message. Everyone can read it; the addressees are asked to.</summary>
/// <param name="Text">The message.</param>
/// <param name="To">Addressees; empty for everyone.</param>
/// <param name="Role">In a recorded history, the role it was said in, verbatim; null elsewhere.</param>
/// <param name="Form"><c>json</c> when what was recorded was no text and <paramref name="Text"/> is its JSON; null for plain text.</param>
public sealed record MessageSent(string Text, ImmutableArray<AgentId>? To = null, string? Role = null, string? Form = null) : TavernEvent;

/// <summary>What an agent says it is doing.</summary>
public enum AgentActivity
{
    /// <summary>Nothing to do.</summary>
    Idle,

    /// <summary>At work.</summary>
    Working,

    /// <summary>Blocked on somebody or something.</summary>
    Waiting,

    /// <summary>Done: a claim, complete only once its commitments are verified.</summary>
    Done,
}

/// <summary>The writer says what it is doing.</summary>
/// <param name="State">What.</param>
/// <param name="Note">One line.</param>
/// <param name="Task">On which task, if any.</param>
public sealed record StatusReported(AgentActivity State, string? Note = null, EventId? Task = null) : TavernEvent;
