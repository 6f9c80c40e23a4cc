using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>The hash of a view: SHA-256 over all it holds in one fixed order. Two agents with the same cut get the same hash, in
/// whatever order events reached them; nothing local is in it: events go by agent, epoch and sequence, which no two events that a
/// view takes share.</summary>
public static class ViewHash
{
    /// <summary>The hash. Takes time in proportion to the view's size.</summary>
    public static Hash Of(TavernView view)
    {
        using var to = new CanonicalWriter();
        to.Text("tavern view v1");
        to.Field(view.Tavern, to.Text);
        to.List(view.Agents, pair => Agent(to, view, pair.Value));
        to.List(view.Tasks, pair => Task(to, pair.Value));
        to.List(view.Commitments, pair => Commitment(to, pair.Value));
        to.List(view.Questions, pair => Question(to, pair.Value));
        to.List(view.Topics, pair =>
        {
            to.Text(pair.Key);
            to.Field(pair.Value, to.Text);
        });
        Recent(to, view.Discoveries, discovery =>
        {
            to.Event(discovery.Id);
            to.Text(discovery.Text);
        });
        Recent(to, view.Messages, message =>
        {
            to.Event(message.Id);
            to.List(message.To, to.Agent);
            to.Text(message.Text);
        });
        to.List(view.Histories, pair =>
        {
            to.Event(pair.Value.Id);
            to.Text(pair.Value.Format);
            to.Text(pair.Value.File);
            to.Text(pair.Value.Sha256.ToString());
            to.Number(pair.Value.Events);
        });
        Recent(to, view.Ignored, ignored =>
        {
            to.Event(ignored.Event);
            to.Text(ignored.Type);
            to.Text(ignored.Rule);
        });
        to.List(view.IgnoredByRule, pair => Count(to, pair));
        to.List(view.UnknownTypes, pair => Count(to, pair));
        to.List(view.Claims, pair =>
        {
            to.Event(pair.Key);
            to.Event(pair.Value);
        });
        return to.Finish();
    }

    private static void Agent(CanonicalWriter to, TavernView view, AgentView agent)
    {
        to.Agent(agent.Id);
        to.Event(agent.SpawnedBy);
        to.Text(view.Names.DisplayNameOf(agent.Id));
        if (view.Names.NameOf(agent.Id) is { } name) to.List(view.Names.ClaimsOf(name), to.Event);
        to.Text(agent.Role);
        to.Field(agent.State, state => to.Number((int)state));
        to.Field(agent.Note, to.Text);
        to.Field(agent.Task, to.Event);
        to.Field(agent.Endpoint, endpoint => to.List(endpoint.Addresses, to.Text));
        to.Field(agent.Retired, to.Text);
        to.Field(agent.Rekeyed, to.Agent);
        to.Field(agent.Epoch, epoch => to.Number(epoch));
        to.List(agent.Forks, pair =>
        {
            to.Number(pair.Key);
            to.Number(pair.Value.LastShared ?? -1);
            to.Number(pair.Value.Quarantined);
            to.Field(pair.Value.Proof, to.Event);
        });
        to.List(agent.Endorsed, pair =>
        {
            to.Number(pair.Key);
            to.Field(pair.Value, hash => to.Text(hash.ToString()));
        });
        to.List(agent.Waiting, epoch => to.Number(epoch));
        to.Number(agent.Commitments.Verified);
        to.Number(agent.Commitments.Counted);
        to.Event(agent.Commitments.ChangedBy);
    }

    private static void Task(CanonicalWriter to, TaskView task)
    {
        to.Event(task.Id);
        to.Text(task.Description);
        to.Field(task.Title, to.Text);
        to.Field(task.Stage, state => to.Number((int)state));
        to.Field(task.Assignment, state => to.Number((int)state));
        to.List(task.Assignees, pair =>
        {
            to.Agent(pair.Key);
            to.Event(pair.Value);
        });
        to.List(task.Starters, pair =>
        {
            to.Agent(pair.Key);
            to.Event(pair.Value.Event);
        });
        to.Field(task.Result, result =>
        {
            to.Agent(result.By);
            to.Text(result.Text);
            to.Number(result.Assigned ? 1 : 0);
            to.Event(result.Start.Event);
        });
        to.Field(task.Progress, progress =>
        {
            to.Text(progress.Note);
            to.Number(progress.Percent ?? -1);
        });
    }

    private static void Commitment(CanonicalWriter to, CommitmentView commitment)
    {
        to.Event(commitment.Id);
        to.Event(commitment.Task);
        to.Text(commitment.To?.ToString());
        to.Field(commitment.Text, to.Text);
        to.Field(commitment.State, State);
        to.Field(commitment.Claim, to.Text);
        to.Field(commitment.Withdrawal, to.Text);
        to.List(commitment.Verifications, Judgement);
        to.List(commitment.Rulings, Judgement);
        to.List(commitment.Disputes, dispute =>
        {
            to.Text(dispute.Reason);
            to.Candidate(dispute.Event, State);
        });

        void State(CommitmentState state) => to.Number((int)state);

        void Judgement(Judgement judgement)
        {
            to.Text(judgement.Text);
            to.Candidate(judgement.Event, State);
            to.List(judgement.Answers, to.Event);
        }
    }

    private static void Question(CanonicalWriter to, QuestionView question)
    {
        to.Event(question.Id);
        to.List(question.To, to.Agent);
        to.Field(question.Text, to.Text);
        to.Field(question.State, state => to.Number((int)state));
        to.Field(question.Answer, answer =>
        {
            to.Agent(answer.By);
            to.Text(answer.Text);
            to.Number(answer.Addressed ? 1 : 0);
        });
    }

    private static void Recent<T>(CanonicalWriter to, Recent<T> recent, Action<T> write)
    {
        to.Number(recent.Total);
        to.Number(recent.Count);
        foreach (var item in recent.Items) write(item);
    }

    private static void Count(CanonicalWriter to, KeyValuePair<string, long> pair)
    {
        to.Text(pair.Key);
        to.Number(pair.Value);
    }
}
