using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Refuses what everybody's folds would ignore by the rules of Views/RULES.md, as far as the writer can know. An event that
/// others overtake meanwhile is still delivered and, by the same rules, ignored.</summary>
internal static class WriteRules
{
    /// <summary>Checks that the writer is not retired: nothing it writes would count.</summary>
    /// <exception cref="RefusedException">It is.</exception>
    public static void RequireActive(Witness witness)
    {
        if (witness.View.Agents.TryGetValue(witness.Observer, out var writer) && writer.Retired is { } retired)
            throw RefusedException.WouldBeIgnored($"{Name(witness, witness.Observer)} was retired by " +
                $"{witness.Of(retired.DecidedBy).Name}; what it writes no longer counts. Act as another agent.");
    }

    /// <summary>Checks an event before it is written.</summary>
    /// <exception cref="RefusedException">It names what is not there, or everybody would ignore it.</exception>
    public static void Require(Witness witness, TavernEvent body)
    {
        var writer = witness.Observer;
        switch (body)
        {
            case TaskAssigned assigned:
                RequireAssigner(witness, Open(witness, assigned.Task), assigned.Agent);
                break;
            case TaskStarted started:
                Open(witness, started.Task);
                break;
            case TaskProgressed progressed:
                RequireWorker(witness, Open(witness, progressed.Task));
                break;
            case TaskCompleted completed:
                RequireWorker(witness, Open(witness, completed.Task));
                break;
            case TaskFailed failed:
                RequireWorker(witness, Open(witness, failed.Task));
                break;
            case TaskCancelled cancelled:
                RequireAbove(witness, Task(witness, cancelled.Task).Creator, $"cancel {Name(witness, cancelled.Task)}");
                break;
            case CommitmentMade { Task: { } task }:
                Task(witness, task);
                break;
            case StatusReported { Task: { } task }:
                Task(witness, task);
                break;
            case CommitmentClaimed claimed:
                RequireOwner(witness, Commitment(witness, claimed.Commitment), "claim");
                break;
            case CommitmentWithdrawn withdrawn:
                RequireOwner(witness, Commitment(witness, withdrawn.Commitment), "take back");
                break;
            case CommitmentDisputed disputed:
                Commitment(witness, disputed.Commitment);
                break;
            case VerificationRecorded verification:
                var judged = Claimed(witness, verification.Claim);
                if (witness.View.Tree.IsInSubtree(judged.Owner, writer))
                    throw RefusedException.WouldBeIgnored(
                        $"{Name(witness, writer)} cannot verify {Name(witness, judged.Id)}: only agents outside " +
                            $"{Name(witness, judged.Owner)}'s own subtree count. Ask another agent to verify it.");
                break;
            case RulingMade ruling:
                RequireJudge(witness, Claimed(witness, ruling.Claim));
                break;
            case QuestionAnswered answered:
                Question(witness, answered.Question);
                break;
            case QuestionWithdrawn withdrawn:
                Question(witness, withdrawn.Question);
                RequireAbove(witness, withdrawn.Question.Agent, $"withdraw {Name(witness, withdrawn.Question)}");
                break;
            case AgentRetired retired:
                RequireAbove(witness, retired.Agent, $"retire {Name(witness, retired.Agent)}");
                if (witness.View.Agents[retired.Agent].Retired is { } before)
                    throw RefusedException.WouldBeIgnored($"{Name(witness, retired.Agent)} was retired already, by " +
                        $"{Name(witness, before.DecidedBy)}.");
                break;
        }
    }

    /// <summary>The agent, when the witness may give it a new key.</summary>
    /// <exception cref="RefusedException">It may not, or there is no key that could be replaced.</exception>
    public static AgentId Rekeyable(Witness witness, AgentId agent)
    {
        RequireActive(witness);
        RequireStrictlyAbove(witness, agent, $"give {Name(witness, agent)} a new key", "Its recovery key does, on its own machine: tavern recover");
        if (witness.View.Agents[agent].Retired is { } retired)
            throw RefusedException.WouldBeIgnored($"{Name(witness, agent)} was retired by {Name(witness, retired.DecidedBy)}: nothing it would write counts.");
        return witness.HeadOf(agent) is null
            ? throw RefusedException.WouldBeIgnored($"{Name(witness, agent)} has written nothing that {Name(witness, witness.Observer)} has heard, so there is " +
                $"no key to replace. Invite another: tavern spawn NAME --invite FILE")
            : agent;
    }

    /// <summary>The newest epoch of an agent that counts once the witness endorses it.</summary>
    /// <exception cref="RefusedException">The witness may not, or no epoch waits.</exception>
    public static int WaitingEpochOf(Witness witness, AgentId agent)
    {
        RequireStrictlyAbove(witness, agent, $"endorse {Name(witness, agent)}", "Its epoch counts when it begins with the recovery key: tavern recover");
        var view = witness.View.Agents[agent];
        if (!view.Waiting.IsEmpty) return view.Waiting.Max;
        if (view.Forks.IsEmpty)
            throw RefusedException.WouldBeIgnored($"{Name(witness, agent)} has not forked, as far as {Name(witness, witness.Observer)} has heard: no epoch of it " +
                "needs an endorsement. 'tavern show --forks' lists who has.");
        throw RefusedException.WouldBeIgnored($"No epoch of {Name(witness, agent)} waits for an endorsement. After a fork it goes on in a new epoch once one copy of it " +
            "was started again; endorse that then. 'tavern show --forks' says how far it is.");
    }

    private static TaskView Task(Witness witness, EventId id) => witness.View.Tasks.TryGetValue(id, out var task)
        ? task
        : throw NotOne(witness, id, "a task", "tavern task list");

    private static TaskView Open(Witness witness, EventId id)
    {
        var task = Task(witness, id);
        return task.Stage.Value is TaskState.Cancelled
            ? throw RefusedException.WouldBeIgnored($"{Name(witness, id)} was cancelled by {Name(witness, task.Stage.DecidedBy)}; " +
                $"nothing about it counts any more. Create a new task.")
            : task;
    }

    private static CommitmentView Commitment(Witness witness, EventId id) => witness.View.Commitments.TryGetValue(id, out var commitment)
        ? commitment
        : throw NotOne(witness, id, "a commitment", "tavern commitments");

    private static void Question(Witness witness, EventId id)
    {
        if (!witness.View.Questions.ContainsKey(id)) throw NotOne(witness, id, "a question", "tavern questions");
    }

    private static CommitmentView Claimed(Witness witness, EventId claim)
    {
        if (!witness.View.Claims.TryGetValue(claim, out var id) || !witness.View.Commitments.TryGetValue(id, out var commitment)
            || commitment.Claim is not { } current) throw NotOne(witness, claim, "a claim", "tavern commitments");
        return current.DecidedBy == claim
            ? commitment
            : throw RefusedException.WouldBeIgnored($"{Name(witness, claim)} was replaced by a newer claim, " +
                $"{Name(witness, current.DecidedBy)}; judge that one.");
    }

    private static void RequireAssigner(Witness witness, TaskView task, AgentId agent)
    {
        var tree = witness.View.Tree;
        if (!tree.IsInSubtree(witness.Observer, task.Creator) && !tree.IsInSubtree(witness.Observer, agent))
            throw RefusedException.WouldBeIgnored(
                $"{Name(witness, witness.Observer)} cannot assign {Name(witness, task.Id)} to {Name(witness, agent)}: only its " +
                    $"creator {Name(witness, task.Creator)}, {Name(witness, agent)} or an agent above one of them can.");
    }

    private static void RequireWorker(Witness witness, TaskView task)
    {
        if (!task.Starters.ContainsKey(witness.Observer) && !task.Assignees.ContainsKey(witness.Observer))
            throw RefusedException.WouldBeIgnored(
                $"{Name(witness, witness.Observer)} neither started {Name(witness, task.Id)} nor was it assigned. Start it first: " +
                    $"tavern task start {Name(witness, task.Id)}");
    }

    private static void RequireAbove(Witness witness, AgentId other, string what)
    {
        if (!witness.View.Tree.IsInSubtree(witness.Observer, other))
            throw RefusedException.WouldBeIgnored($"{Name(witness, witness.Observer)} cannot {what}: only {Name(witness, other)} or " +
                $"an agent above it in the spawn tree can.");
    }

    /// <summary>Checks that the witness is a strict ancestor of the other; nobody is one of the root, about which the last text says what to do.</summary>
    private static void RequireStrictlyAbove(Witness witness, AgentId other, string what, string root)
    {
        if (witness.View.Tree.IsAncestor(witness.Observer, other)) return;
        throw RefusedException.WouldBeIgnored(other == witness.View.Founder
            ? $"Nobody can {what}: it is the root, and nobody is above it. {root}"
            : $"{Name(witness, witness.Observer)} cannot {what}: only an agent above it in the spawn tree can.");
    }

    private static void RequireOwner(Witness witness, CommitmentView commitment, string what)
    {
        if (commitment.Owner != witness.Observer)
            throw RefusedException.WouldBeIgnored(
                $"{Name(witness, witness.Observer)} cannot {what} {Name(witness, commitment.Id)}: it is " +
                    $"{Name(witness, commitment.Owner)}'s commitment; expected one of your own. 'tavern commitments' lists them.");
        if (commitment.Withdrawal is { } withdrawal)
            throw RefusedException.WouldBeIgnored($"{Name(witness, commitment.Id)} was taken back by " +
                $"{Name(witness, withdrawal.DecidedBy)}. Make a new commitment.");
    }

    private static void RequireJudge(Witness witness, CommitmentView commitment)
    {
        var tree = witness.View.Tree;
        foreach (var side in commitment.Verifications.Select(verification => verification.By).Prepend(commitment.Owner))
            if (!tree.IsAncestor(witness.Observer, side))
                throw RefusedException.WouldBeIgnored(
                    $"{Name(witness, witness.Observer)} cannot rule on {Name(witness, commitment.Id)}: a ruling counts from an agent " +
                        $"above both the claimant and all verifiers, and it is not above {Name(witness, side)}.");
    }

    private static RefusedException NotOne(Witness witness, EventId id, string what, string list) =>
        RefusedException.NotFound($"{Name(witness, id)} is not {what}; it is a {witness.History.Record(id).Header.Type}. '{list}' " +
            $"lists what there is.");

    private static string Name(Witness witness, AgentId agent) => witness.Names.DisplayNameOf(agent);

    private static string Name(Witness witness, EventId id) => witness.Of(id).Name;
}
