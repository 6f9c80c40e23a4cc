using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Folds events about agents.</summary>
internal static class AgentFold
{
    /// <summary>Of concurrent claims about an agent's state, its retirement counts before what it says.</summary>
    private static readonly IComparer<AgentState> RetirementFirst =
        Comparer<AgentState>.Create((a, b) => (a is AgentState.Retired).CompareTo(b is AgentState.Retired));

    private static readonly IComparer<EventId> SmallerPlaceFirst = Comparer<EventId>.Create((a, b) => b.CompareTo(a));

    public static TavernView Founded(TavernView view, FoldStep step, TavernFounded founded)
    {
        if (view.Founder is not null || !MembershipRules.IsFounding(step.Record, founded)) return step.Ignore(view, RuleIds.TavernFoundedOnce);
        return view with
        {
            Tavern = step.First(founded.Tavern, RuleIds.TavernFoundedOnce),
            Founder = step.Writer,
            Tree = view.Tree.WithRoot(step.Writer),
            Names = view.Names.With(step.Writer, founded.Name, step.Past),
            Agents = view.Agents.Add(step.Writer, NewAgent(step, step.Writer, role: null)),
        };
    }

    public static TavernView Spawned(TavernView view, FoldStep step, AgentSpawned spawned, bool overruled)
    {
        if (!MembershipRules.HasItsKey(spawned)) return step.Ignore(view, RuleIds.SpawnKey);
        if (overruled || view.Agents.ContainsKey(spawned.Agent)) return step.Ignore(view, RuleIds.SpawnOneParent);
        return view with
        {
            Tree = view.Tree.With(spawned.Agent, step.Writer),
            Names = view.Names.With(spawned.Agent, spawned.Name, step.Past),
            Agents = view.Agents.Add(spawned.Agent, NewAgent(step, spawned.Agent, spawned.Role)),
        };
    }

    public static TavernView Rekeyed(TavernView view, FoldStep step, AgentRekeyed rekeyed)
    {
        if (!view.Agents.TryGetValue(rekeyed.Agent, out var agent)) return step.Ignore(view, RuleIds.ReferenceInPast);
        var isRecovery = rekeyed.Agent == view.Founder && Rekey.From(step.Record) is { IsRecovery: true };
        if (!isRecovery && !view.Tree.IsAncestor(step.Writer, rekeyed.Agent)) return step.Ignore(view, RuleIds.RekeyAncestor);
        return Set(view, agent with { Rekeyed = step.Write(agent.Rekeyed, AgentId.FromPublicKey(rekeyed.PublicKey), RuleIds.RekeyAncestor) });
    }

    public static TavernView Retired(TavernView view, FoldStep step, AgentRetired retired)
    {
        if (!view.Agents.TryGetValue(retired.Agent, out var agent)) return step.Ignore(view, RuleIds.ReferenceInPast);
        if (!view.Tree.IsInSubtree(step.Writer, retired.Agent)) return step.Ignore(view, RuleIds.RetireSelfOrAncestor);
        return Set(view, agent with
        {
            Retired = step.Write(agent.Retired, retired.Reason, RuleIds.RetireSelfOrAncestor),
            State = step.Write(agent.State, AgentState.Retired, RuleIds.StateRetired, RetirementFirst),
        });
    }

    public static TavernView Announced(TavernView view, FoldStep step, AgentView writer, EndpointAnnounced announced)
    {
        // JSON may hold a null where an address should be.
        var endpoint = new Endpoint([.. announced.Addresses.Where(address => address is not null)]);
        return Set(view, writer with { Endpoint = step.Write(writer.Endpoint, endpoint, RuleIds.EndpointLastSaid) });
    }

    public static TavernView EpochBegan(TavernView view, FoldStep step, AgentView writer, EpochStarted started) =>
        MembershipRules.IsFirstOfEpoch(step.Record, started)
            ? Set(view, writer with { Epoch = step.Write(writer.Epoch, step.Id.Epoch, RuleIds.EpochFirstRecord, Comparer<int>.Default) })
            : step.Ignore(view, RuleIds.EpochFirstRecord);

    public static TavernView Forked(TavernView view, FoldStep step, ForkDetected fork)
    {
        if (!view.Agents.TryGetValue(fork.Agent, out var agent)) return step.Ignore(view, RuleIds.ReferenceInPast);
        if (!MembershipRules.IsFork(fork)) return step.Ignore(view, RuleIds.ForkTwoRecords);
        var place = new EventId(fork.Agent, fork.Epoch, fork.Sequence);
        var known = agent.Forks.GetValueOrDefault(fork.Epoch) ?? new ForkView(fork.Epoch);
        var proof = step.Write(known.Proof, place, RuleIds.ForkTwoRecords, SmallerPlaceFirst);
        return Set(view, agent with { Forks = agent.Forks.SetItem(fork.Epoch, known with { Proof = proof }) });
    }

    public static TavernView Quarantined(TavernView view, EventId id, EventId lastShared)
    {
        if (!view.Agents.TryGetValue(id.Agent, out var agent)) return view;
        var known = agent.Forks.GetValueOrDefault(id.Epoch) ?? new ForkView(id.Epoch);
        known = known with { LastShared = lastShared.Sequence, Quarantined = known.Quarantined + 1 };
        return Set(view, agent with { Forks = agent.Forks.SetItem(id.Epoch, known) });
    }

    public static TavernView Endorsed(TavernView view, FoldStep step, EpochEndorsed endorsed)
    {
        if (!view.Agents.TryGetValue(endorsed.Agent, out var agent)) return step.Ignore(view, RuleIds.ReferenceInPast);
        if (!view.Tree.IsAncestor(step.Writer, endorsed.Agent)) return step.Ignore(view, RuleIds.EpochEndorsedAfterFork);
        var before = agent.Endorsed.GetValueOrDefault(endorsed.Epoch);
        var field = step.Write(before, endorsed.FirstHash, RuleIds.EpochEndorsedAfterFork);
        return Set(view, agent with { Endorsed = agent.Endorsed.SetItem(endorsed.Epoch, field) });
    }

    public static TavernView Waits(TavernView view, FoldStep step)
    {
        view = step.Ignore(view, RuleIds.EpochEndorsedAfterFork);
        return view.Agents.TryGetValue(step.Writer, out var writer)
            ? Set(view, writer with { Waiting = writer.Waiting.Add(step.Id.Epoch) })
            : view;
    }

    public static TavernView Reported(TavernView view, FoldStep step, AgentView writer, StatusReported status)
    {
        var state = status.State switch
        {
            AgentActivity.Idle => AgentState.Idle,
            AgentActivity.Working => AgentState.Working,
            AgentActivity.Waiting => AgentState.Waiting,
            _ => AgentState.Done,
        };
        var task = writer.Task;
        if (status.Task is not null || state is AgentState.Idle or AgentState.Done)
            task = step.Write(task, step.Named(status.Task), RuleIds.WorkingOnLastSaid);
        return Set(view, writer with
        {
            State = step.Write(writer.State, state, RuleIds.StateLastSaid, RetirementFirst),
            Note = step.Write(writer.Note, status.Note, RuleIds.NoteLastSaid),
            Task = task,
        });
    }

    /// <summary>The view with one agent replaced.</summary>
    public static TavernView Set(TavernView view, AgentView agent) => view with { Agents = view.Agents.SetItem(agent.Id, agent) };

    private static AgentView NewAgent(FoldStep step, AgentId agent, string? role) => new(agent, step.Id, role)
    {
        State = step.First(AgentState.Idle, RuleIds.StateSpawned),
        Commitments = new CommitmentTally(0, 0, step.Id),
    };
}
