using System.Buffers;
using System.Text.Json;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Views as JSON, with ids. Every value stands with the event that decided it and the rule that let it win.</summary>
internal static class ViewJson
{
    /// <summary>The whole view.</summary>
    public static JsonElement Of(Witness witness) => Write(json =>
    {
        var view = witness.View;
        json.WriteStartObject();
        Field(json, "tavern", view.Tavern, json.WriteStringValue);
        Objects(json, "agents", view.Agents.Values, agent => Agent(json, witness, agent));
        Objects(json, "tasks", view.Tasks.Values, task => Task(json, task));
        Objects(json, "commitments", view.Commitments.Values, commitment => Commitment(json, commitment));
        Objects(json, "questions", view.Questions.Values, question => Question(json, question));
        Objects(json, "topics", view.Topics, topic =>
        {
            json.WriteString("topic", topic.Key);
            Field(json, "text", topic.Value, json.WriteStringValue);
        });
        Objects(json, "discoveries", view.Discoveries.Items, discovery =>
        {
            json.WriteString("id", discovery.Id.ToString());
            json.WriteString("text", discovery.Text);
        });
        Objects(json, "messages", view.Messages.Items, message =>
        {
            json.WriteString("id", message.Id.ToString());
            json.WriteString("text", message.Text);
            Texts(json, "to", message.To);
        });
        Objects(json, "ignored", view.Ignored.Items, ignored =>
        {
            json.WriteString("id", ignored.Event.ToString());
            json.WriteString("type", ignored.Type);
            json.WriteString("rule", ignored.Rule);
        });
        Counts(json, "ignoredByRule", view.IgnoredByRule);
        Counts(json, "unknownTypes", view.UnknownTypes);
        json.WriteEndObject();
    });

    /// <summary>The part about one agent: itself, and the tasks and commitments it has a part in.</summary>
    public static JsonElement Of(Witness witness, AgentId agent) => Write(json =>
    {
        var view = witness.View;
        json.WriteStartObject();
        json.WriteStartObject("agent");
        Agent(json, witness, view.Agents[agent]);
        json.WriteEndObject();
        var tasks = view.Tasks.Values.Where(task => task.Creator == agent || task.Assignees.ContainsKey(agent) || task.Starters.ContainsKey(agent));
        var commitments = view.Commitments.Values.Where(commitment => commitment.Owner == agent);
        var questions = view.Questions.Values.Where(question => question.Id.Agent == agent || question.To.Contains(agent));
        Objects(json, "tasks", tasks, task => Task(json, task));
        Objects(json, "commitments", commitments, commitment => Commitment(json, commitment));
        Objects(json, "questions", questions, question => Question(json, question));
        json.WriteEndObject();
    });

    private static void Agent(Utf8JsonWriter json, Witness witness, AgentView agent)
    {
        json.WriteString("id", agent.Id.ToString());
        json.WriteString("name", witness.View.Names.DisplayNameOf(agent.Id));
        json.WriteString("spawnedBy", agent.SpawnedBy.ToString());
        json.WriteString("parent", witness.View.Tree.ParentOf(agent.Id)?.ToString());
        json.WriteString("role", agent.Role);
        Field(json, "state", agent.State, state => json.WriteStringValue(Word(state)));
        Field(json, "note", agent.Note, json.WriteStringValue);
        Field(json, "task", agent.Task, task => json.WriteStringValue(task?.ToString()));
        Field(json, "endpoint", agent.Endpoint, endpoint =>
        {
            json.WriteStartArray();
            foreach (var address in endpoint.Addresses) json.WriteStringValue(address);
            json.WriteEndArray();
        });
        Field(json, "retired", agent.Retired, json.WriteStringValue);
        Field(json, "rekeyed", agent.Rekeyed, key => json.WriteStringValue(key.ToString()));
        Field(json, "epoch", agent.Epoch, json.WriteNumberValue);
        Field(json, "fork", agent.Fork, place => json.WriteStringValue(place.ToString()));
        Objects(json, "forks", agent.Forks.Values, fork =>
        {
            json.WriteNumber("epoch", fork.Epoch);
            if (fork.LastShared is { } shared) json.WriteNumber("lastShared", shared);
            else json.WriteNull("lastShared");
            json.WriteNumber("quarantined", fork.Quarantined);
            Field(json, "proof", fork.Proof, place => json.WriteStringValue(place.ToString()));
        });
        Objects(json, "endorsed", agent.Endorsed, endorsed =>
        {
            json.WriteNumber("epoch", endorsed.Key);
            Field(json, "firstHash", endorsed.Value, hash => json.WriteStringValue(hash.ToString()));
        });
        Texts(json, "waiting", agent.Waiting);
        json.WriteStartObject("commitments");
        json.WriteNumber("verified", agent.Commitments.Verified);
        json.WriteNumber("counted", agent.Commitments.Counted);
        json.WriteString("changedBy", agent.Commitments.ChangedBy.ToString());
        json.WriteEndObject();
        json.WriteBoolean("complete", agent.IsComplete);
    }

    private static void Task(Utf8JsonWriter json, TaskView task)
    {
        json.WriteString("id", task.Id.ToString());
        json.WriteString("description", task.Description);
        Field(json, "title", task.Title, json.WriteStringValue);
        Field(json, "state", task.State, state => json.WriteStringValue(Word(state)));
        Texts(json, "assignees", task.Assignees.Keys);
        Texts(json, "starters", task.Starters.Keys);
        Field(json, "progress", task.Progress, progress =>
        {
            json.WriteStartObject();
            json.WriteString("note", progress.Note);
            if (progress.Percent is { } percent) json.WriteNumber("percent", percent);
            else json.WriteNull("percent");
            json.WriteEndObject();
        });
        Field(json, "result", task.Result, result =>
        {
            json.WriteStartObject();
            json.WriteString("by", result.By.ToString());
            json.WriteString("text", result.Text);
            json.WriteEndObject();
        });
    }

    private static void Commitment(Utf8JsonWriter json, CommitmentView commitment)
    {
        json.WriteString("id", commitment.Id.ToString());
        json.WriteString("task", commitment.Task?.ToString());
        json.WriteString("to", commitment.To?.ToString());
        Field(json, "text", commitment.Text, json.WriteStringValue);
        Field(json, "state", commitment.State, state => json.WriteStringValue(Word(state)));
        Field(json, "claim", commitment.Claim, json.WriteStringValue);
        Field(json, "withdrawal", commitment.Withdrawal, json.WriteStringValue);
        Objects(json, "verifications", commitment.Verifications, judgement => Judgement(json, judgement));
        Objects(json, "rulings", commitment.Rulings, judgement => Judgement(json, judgement));
        Objects(json, "disputes", commitment.Disputes, dispute =>
        {
            json.WriteString("id", dispute.Event.Event.ToString());
            json.WriteString("by", dispute.By.ToString());
            json.WriteString("reason", dispute.Reason);
        });
    }

    private static void Judgement(Utf8JsonWriter json, Judgement judgement)
    {
        json.WriteString("id", judgement.Event.Event.ToString());
        json.WriteString("by", judgement.By.ToString());
        json.WriteString("outcome", Word(judgement.Outcome));
        json.WriteString("text", judgement.Text);
    }

    private static void Question(Utf8JsonWriter json, QuestionView question)
    {
        json.WriteString("id", question.Id.ToString());
        Texts(json, "to", question.To);
        Field(json, "text", question.Text, json.WriteStringValue);
        Field(json, "state", question.State, state => json.WriteStringValue(Word(state)));
        Field(json, "answer", question.Answer, answer =>
        {
            json.WriteStartObject();
            json.WriteString("by", answer.By.ToString());
            json.WriteString("text", answer.Text);
            json.WriteBoolean("addressed", answer.Addressed);
            json.WriteEndObject();
        });
    }

    private static void Field<T>(Utf8JsonWriter json, string name, Field<T>? field, Action<T> value)
    {
        if (field is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WritePropertyName("value");
        value(field.Value);
        json.WriteString("decidedBy", field.DecidedBy.ToString());
        json.WriteString("rule", field.Rule);
        json.WriteBoolean("contested", field.Contested);
        Texts(json, "candidates", field.Candidates.Select(candidate => candidate.Event));
        json.WriteEndObject();
    }

    private static void Objects<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> fields)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            fields(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Texts<T>(Utf8JsonWriter json, string name, IEnumerable<T> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items) json.WriteStringValue(item!.ToString());
        json.WriteEndArray();
    }

    private static void Counts(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, long>> counts)
    {
        json.WriteStartObject(name);
        foreach (var (key, count) in counts) json.WriteNumber(key, count);
        json.WriteEndObject();
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static JsonElement Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
