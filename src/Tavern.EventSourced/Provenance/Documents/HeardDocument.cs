using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>A <c>who-knows</c> answer as all doors return it, and part of other answers.</summary>
/// <param name="Schema">Version of the shape: 1.</param>
/// <param name="Event">The event.</param>
/// <param name="Count">How many have it, at least.</param>
/// <param name="Total">How many were asked.</param>
/// <param name="Exact">True when the count is exact.</param>
/// <param name="Holders">Who has it for certain.</param>
/// <param name="Without">Who answered and does not have it.</param>
/// <param name="Unanswered">Who did not answer.</param>
/// <param name="Names">The name of every agent that occurs, by id.</param>
public sealed record HeardDocument(
    int Schema,
    EventId Event,
    int Count,
    int Total,
    bool Exact,
    ImmutableArray<AgentId> Holders,
    ImmutableArray<AgentId> Without,
    ImmutableArray<AgentId> Unanswered,
    ImmutableSortedDictionary<string, string> Names)
{
    /// <summary>The document of an answer.</summary>
    public static HeardDocument Of(Heard heard, AgentNames names) => new(
        1, heard.Event, heard.Holders.Length, heard.Total, heard.Exact, heard.Holders, heard.Without, heard.Unanswered,
        names.ById([heard.Event.Agent, .. heard.Holders, .. heard.Without, .. heard.Unanswered]));
}
