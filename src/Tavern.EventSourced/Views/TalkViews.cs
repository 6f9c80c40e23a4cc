using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>How a question stands.</summary>
public enum QuestionState
{
    /// <summary>Nobody answered.</summary>
    Open,

    /// <summary>Somebody answered.</summary>
    Answered,

    /// <summary>The asker no longer needs an answer.</summary>
    Withdrawn,
}

/// <summary>An answer.</summary>
/// <param name="By">Whose.</param>
/// <param name="Text">The answer.</param>
/// <param name="Addressed">True when the question was put to that agent.</param>
public sealed record Answer(AgentId By, string Text, bool Addressed);

/// <summary>One question.</summary>
/// <param name="Id">The event that raised it.</param>
/// <param name="To">Who should answer; empty for anyone.</param>
public sealed record QuestionView(EventId Id, ImmutableArray<AgentId> To)
{
    /// <summary>The question.</summary>
    public required Field<string> Text { get; init; }

    /// <summary>How it stands.</summary>
    public required Field<QuestionState> State { get; init; }

    /// <summary>The answer that counts; the others are its candidates. Null while there is none.</summary>
    public Field<Answer>? Answer { get; init; }
}

/// <summary>A discovery without a topic.</summary>
public sealed record DiscoveryView(EventId Id, string Text);

/// <summary>A message.</summary>
/// <param name="Id">The event that sent it.</param>
/// <param name="To">Addressees; empty for everyone.</param>
/// <param name="Text">The message.</param>
public sealed record MessageView(EventId Id, ImmutableArray<AgentId> To, string Text);
