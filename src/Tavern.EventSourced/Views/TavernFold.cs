using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>The built-in fold: catalogue events become a <see cref="TavernView"/> under the rules of RULES.md.</summary>
internal sealed class TavernFold(Standing standing) : Fold<TavernView>
{
    /// <inheritdoc/>
    public override string Name => "tavern";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override TavernView Initial => TavernView.Empty;

    /// <inheritdoc/>
    public override TavernView Apply(TavernView state, EventRecord record, CausalPast past)
    {
        var step = new FoldStep(record, past);
        if (standing.RuleAgainst(record.Id) is { } rule)
            return rule == RuleIds.EpochEndorsedAfterFork ? AgentFold.Waits(state, step) : step.Ignore(state, rule);
        if (!EventCatalogue.TryRead(record, out var body))
        {
            if (!state.Agents.ContainsKey(step.Writer)) return step.Ignore(state, RuleIds.WriterNotSpawned);
            return EventCatalogue.TypeNames.Contains(record.Header.Type) ? step.Ignore(state, RuleIds.EventUnreadable) : Unknown(state, step);
        }

        if (body is TavernFounded founded) return AgentFold.Founded(state, step, founded);
        if (!state.Agents.TryGetValue(step.Writer, out var writer)) return step.Ignore(state, RuleIds.WriterNotSpawned);
        return body switch
        {
            AgentSpawned spawned => AgentFold.Spawned(state, step, spawned, standing.IsOverruledSpawn(record.Id)),
            AgentRekeyed rekeyed => AgentFold.Rekeyed(state, step, rekeyed),
            AgentRetired retired => AgentFold.Retired(state, step, retired),
            EndpointAnnounced announced => AgentFold.Announced(state, step, writer, announced),
            EpochStarted started => AgentFold.EpochBegan(state, step, writer, started),
            ForkDetected fork => AgentFold.Forked(state, step, fork),
            StatusReported status => AgentFold.Reported(state, step, writer, status),
            TaskCreated created => TaskFold.Created(state, step, created),
            TaskAssigned assigned => TaskFold.Assigned(state, step, assigned),
            TaskStarted started => TaskFold.Started(state, step, writer, started),
            TaskProgressed progressed => TaskFold.Progressed(state, step, progressed),
            TaskCompleted completed => TaskFold.Completed(state, step, completed),
            TaskFailed failed => TaskFold.Failed(state, step, failed),
            TaskCancelled cancelled => TaskFold.Cancelled(state, step, cancelled),
            CommitmentMade made => CommitmentFold.Made(state, step, made),
            CommitmentClaimed claimed => CommitmentFold.Claimed(state, step, claimed),
            CommitmentWithdrawn withdrawn => CommitmentFold.Withdrawn(state, step, withdrawn),
            VerificationRecorded verification => CommitmentFold.Verified(state, step, verification),
            CommitmentDisputed disputed => CommitmentFold.Disputed(state, step, disputed),
            RulingMade ruling => CommitmentFold.Ruled(state, step, ruling),
            QuestionRaised raised => TalkFold.Raised(state, step, raised),
            QuestionAnswered answered => TalkFold.Answered(state, step, answered),
            QuestionWithdrawn withdrawn => TalkFold.Withdrawn(state, step, withdrawn),
            DiscoveryShared shared => TalkFold.Shared(state, step, shared),
            MessageSent sent => TalkFold.Sent(state, step, sent),
            HistoryImported imported => HistoryFold.Imported(state, step, imported),
            EpochEndorsed endorsed => AgentFold.Endorsed(state, step, endorsed),
            LineLogged => state,
            _ => throw new InvalidOperationException($"The catalogue has a type that the fold does not know: {body.GetType().Name}."),
        };
    }

    /// <inheritdoc/>
    internal override TavernView LeaveOut(TavernView state, EventId id, EventId lastShared) =>
        AgentFold.Quarantined(state.Count(RuleIds.ForkQuarantined), id, lastShared);

    private static TavernView Unknown(TavernView view, FoldStep step)
    {
        var (type, counts) = (step.Record.Header.Type, view.UnknownTypes);
        if (counts.TryGetValue(type, out var count) || counts.Count < TavernView.UnknownTypesMax)
            view = view with { UnknownTypes = counts.SetItem(type, count + 1) };
        return step.Ignore(view, RuleIds.EventUnknownType);
    }
}
