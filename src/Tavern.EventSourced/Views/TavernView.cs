using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>The whole tavern as of one cut. Immutable; iterating any of its collections gives the same order everywhere. Every
/// shown value names the event that decided it and the rule that let it win.</summary>
public sealed record TavernView
{
    /// <summary>Nothing has happened.</summary>
    public static TavernView Empty { get; } = new();

    /// <summary>The tavern's name; null before it is founded.</summary>
    public Field<string>? Tavern { get; init; }

    /// <summary>Its root agent; null before it is founded.</summary>
    public AgentId? Founder { get; init; }

    /// <summary>Who spawned whom.</summary>
    public SpawnTree Tree { get; init; } = SpawnTree.Empty;

    /// <summary>What the agents are called.</summary>
    public NameTable Names { get; init; } = NameTable.Empty;

    /// <summary>The agents.</summary>
    public ImmutableSortedDictionary<AgentId, AgentView> Agents { get; init; } = ImmutableSortedDictionary<AgentId, AgentView>.Empty;

    /// <summary>The tasks, by the event that created them.</summary>
    public ImmutableSortedDictionary<EventId, TaskView> Tasks { get; init; } = ImmutableSortedDictionary<EventId, TaskView>.Empty;

    /// <summary>The commitments, by the event that made them.</summary>
    public ImmutableSortedDictionary<EventId, CommitmentView> Commitments { get; init; } =
        ImmutableSortedDictionary<EventId, CommitmentView>.Empty;

    /// <summary>The questions, by the event that raised them.</summary>
    public ImmutableSortedDictionary<EventId, QuestionView> Questions { get; init; } = ImmutableSortedDictionary<EventId, QuestionView>.Empty;

    /// <summary>Discoveries by topic.</summary>
    public ImmutableSortedDictionary<string, Field<string>> Topics { get; init; } =
        ImmutableSortedDictionary.Create<string, Field<string>>(StringComparer.Ordinal);

    /// <summary>Discoveries without a topic, the newest.</summary>
    public Recent<DiscoveryView> Discoveries { get; init; } = Recent<DiscoveryView>.Empty;

    /// <summary>Messages, the newest.</summary>
    public Recent<MessageView> Messages { get; init; } = Recent<MessageView>.Empty;

    /// <summary>Recorded histories, by the agent that stands for each.</summary>
    public ImmutableSortedDictionary<AgentId, HistoryView> Histories { get; init; } = ImmutableSortedDictionary<AgentId, HistoryView>.Empty;

    /// <summary>Delivered events that were not folded, the newest; without those above the fork point of a chain, which have no order that all
    /// nodes share. <see cref="AgentView.Forks"/> tells of them.</summary>
    public Recent<IgnoredEvent> Ignored { get; init; } = Recent<IgnoredEvent>.Empty;

    /// <summary>Per rule, how many events were not folded under it, those above fork points included.</summary>
    public ImmutableSortedDictionary<string, long> IgnoredByRule { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Per type name that the catalogue does not know, how many events there are; at most
    /// <see cref="UnknownTypesMax"/> names.</summary>
    public ImmutableSortedDictionary<string, long> UnknownTypes { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Most unknown type names that are told apart, so that nobody fills memory by inventing names; events of further
    /// ones are counted under the rule only.</summary>
    public const int UnknownTypesMax = 256;

    /// <summary>Per claim, void ones included, the commitment it belongs to.</summary>
    public ImmutableSortedDictionary<EventId, EventId> Claims { get; init; } = ImmutableSortedDictionary<EventId, EventId>.Empty;

    /// <summary>What the view holds about one field of one agent; null for an agent or a field it does not know, or a field that
    /// nothing was said about. Fields: <c>name</c>, <c>state</c>, <c>note</c>, <c>task</c>, <c>endpoint</c>, <c>retired</c>,
    /// <c>epoch</c>, <c>commitments</c> (as <c>2/3</c>: verified of all).</summary>
    public FieldBelief? Believe(AgentId subject, string field) =>
        Agents.TryGetValue(subject, out var agent) ? Beliefs.Of(this, agent, field) : null;

    /// <summary>The recorded history that an agent stands for or speaks in; null for everybody else.</summary>
    public HistoryView? HistoryOf(AgentId agent) =>
        Histories.GetValueOrDefault(agent) ?? (Tree.ParentOf(agent) is { } parent ? Histories.GetValueOrDefault(parent) : null);

    /// <summary>Leaves an event out of the view, visibly.</summary>
    internal TavernView Ignore(IgnoredEvent ignored) => Count(ignored.Rule) with { Ignored = Ignored.Add(ignored) };

    /// <summary>Counts an event that is left out, without listing it.</summary>
    internal TavernView Count(string rule) => this with { IgnoredByRule = IgnoredByRule.SetItem(rule, IgnoredByRule.GetValueOrDefault(rule) + 1) };
}
