using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>What a view holds about one field of one agent, with its evidence.</summary>
/// <param name="Field">Field name, e.g. <c>state</c>.</param>
/// <param name="Value">The value as shown, lower case, e.g. <c>done</c>.</param>
/// <param name="DecidedBy">The event that decided it.</param>
/// <param name="Rule">Id of the rule that let it win; see Views/RULES.md.</param>
/// <param name="Contested">True when a rule had to decide between concurrent claims.</param>
/// <param name="Candidates">All maximal candidates under happens-before, the winner first.</param>
public sealed record FieldBelief(
    string Field, string Value, EventId DecidedBy, string Rule, bool Contested, ImmutableArray<EventId> Candidates);
