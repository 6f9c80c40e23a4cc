using MediatR;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>How two events stand to each other under happens-before (`relation`).</summary>
/// <param name="A">The one.</param>
/// <param name="B">The other.</param>
/// <param name="Observer">Whose names are used; by default the node's first agent's.</param>
public sealed record GetRelation(string A, string B, string? Observer = null) : IRequest<RelationAnswer>;

/// <summary>Before, after, concurrent or the same, with the proof.</summary>
/// <param name="A">The one.</param>
/// <param name="B">The other.</param>
/// <param name="Relation"><c>same</c>, <c>before</c> (A is in B's causal past), <c>after</c> or <c>concurrent</c>.</param>
/// <param name="Steps">From the earlier to the later, each step from where the one before it ended, with the fewest passings from agent to agent
/// there are; none when they are the same or concurrent.</param>
/// <param name="KnownToA">The latest event of B's chain that A's author had heard of; null for none. B itself when it is before A.</param>
/// <param name="KnownToB">The latest event of A's chain that B's author had heard of; null for none. A itself when it is before B.</param>
/// <param name="Importer">Who imported the later one's record when the earlier one's was there: they are of different recorded histories, and their
/// order is that of the imports alone. Null otherwise.</param>
public sealed record RelationAnswer(
    EventBrief A, EventBrief B, string Relation, IReadOnlyList<RelationStep> Steps, EventRef? KnownToA, EventRef? KnownToB, AgentRef? Importer) : Answer;

/// <summary>One step of a proof.</summary>
/// <param name="From">The earlier event.</param>
/// <param name="To">The later event.</param>
/// <param name="Kind"><c>chain</c>: the same writer, later in the same chain; <c>dependency</c>: the writer of the later event names the earlier one among what it
/// had delivered; <c>spawn</c>: the later one is the first of a chain that the earlier one vouches for.</param>
/// <param name="At">When the later one was written, by its writer's clock; null when no time was recorded.</param>
public sealed record RelationStep(EventRef From, EventRef To, string Kind, DateTimeOffset? At);

internal sealed class GetRelationHandler(Observers observers) : IRequestHandler<GetRelation, RelationAnswer>
{
    public async Task<RelationAnswer> Handle(GetRelation request, CancellationToken cancellationToken) =>
        await observers.ReadAsync(request.Observer, witness => Relate(witness, witness.Event(request.A), witness.Event(request.B)), cancellationToken);

    private static RelationAnswer Relate(Witness witness, EventId a, EventId b)
    {
        var events = witness.History.Causality;
        var order = events.Compare(a, b);
        var steps = order is CausalOrder.After ? CausalPath.Find(events, b, a) : CausalPath.Find(events, a, b);
        return new RelationAnswer(
            witness.Brief(a, texts: true),
            witness.Brief(b, texts: true),
            order is CausalOrder.Equal ? "same" : order.ToString().ToLowerInvariant(),
            [.. (steps ?? []).Select(step => new RelationStep(witness.Of(step.From), witness.Of(step.To), KindOf(witness, step), witness.WrittenAt(step.To)))],
            Known(witness, a, b.Chain),
            Known(witness, b, a.Chain),
            ImporterBetween(witness, steps));
    }

    /// <summary>Recorded histories know nothing of each other: a path between two leads through the event that vouches for the later one.</summary>
    private static AgentRef? ImporterBetween(Witness witness, IReadOnlyList<CausalStep>? steps)
    {
        if (steps is not { Count: > 0 } || witness.View.HistoryOf(steps[0].From.Agent) is not { } earlier) return null;
        if (witness.View.HistoryOf(steps[^1].To.Agent) is not { } later || later.Id == earlier.Id) return null;
        return witness.Of(steps.First(step => step.To.Chain == later.Id.Chain && !step.IsWithinChain).From.Agent);
    }

    private static EventRef? Known(Witness witness, EventId by, ChainId chain) =>
        witness.History.Causality.KnownAt(by, chain) is > 0 and var sequence ? witness.Of(chain[sequence]) : null;

    private static string KindOf(Witness witness, CausalStep step) => step.IsWithinChain || step.IsOntoBranch ? "chain"
        : witness.History.Record(step.To).Header.Deps is { } deps && deps.Heads.Contains(step.From.Main) ? "dependency"
        : "spawn";
}
