using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>The usual things an agent writes, as requests. Agents, tasks, commitments and questions are named as people name
/// them: <c>gandalf</c>, <c>gandalf:12</c>; the node puts the ids in and refuses what folds would ignore.</summary>
public static class Act
{
    /// <summary>Says what the agent is doing: <c>idle</c>, <c>working</c>, <c>waiting</c> or <c>done</c>.</summary>
    public static WriteEvent Report(string agent, string state, string? note = null, string? task = null) =>
        Of(agent, "StatusReported", ("state", state), ("note", note), ("task", task));

    /// <summary>Creates a task.</summary>
    public static WriteEvent CreateTask(string agent, string title, string? description = null) =>
        Of(agent, "TaskCreated", ("title", title), ("description", description));

    /// <summary>Gives a task to an agent.</summary>
    public static WriteEvent AssignTask(string agent, string task, string assignee) =>
        Of(agent, "TaskAssigned", ("task", task), ("agent", assignee));

    /// <summary>Starts to work on a task.</summary>
    public static WriteEvent StartTask(string agent, string task) => Of(agent, "TaskStarted", ("task", task));

    /// <summary>Reports progress; percent from 0 to 100.</summary>
    public static WriteEvent ProgressTask(string agent, string task, string note, int? percent = null) =>
        Of(agent, "TaskProgressed", ("task", task), ("note", note), ("percent", percent));

    /// <summary>Says a task is done.</summary>
    public static WriteEvent CompleteTask(string agent, string task, string? result = null) =>
        Of(agent, "TaskCompleted", ("task", task), ("result", result));

    /// <summary>Gives up on a task.</summary>
    public static WriteEvent FailTask(string agent, string task, string reason) =>
        Of(agent, "TaskFailed", ("task", task), ("reason", reason));

    /// <summary>Cancels a task.</summary>
    public static WriteEvent CancelTask(string agent, string task, string? reason = null) =>
        Of(agent, "TaskCancelled", ("task", task), ("reason", reason));

    /// <summary>Promises something.</summary>
    public static WriteEvent Commit(string agent, string text, string? task = null, string? to = null) =>
        Of(agent, "CommitmentMade", ("text", text), ("task", task), ("to", to));

    /// <summary>Claims to have kept a commitment.</summary>
    public static WriteEvent Claim(string agent, string commitment, string? evidence = null) =>
        Of(agent, "CommitmentClaimed", ("commitment", commitment), ("evidence", evidence));

    /// <summary>Takes a commitment back.</summary>
    public static WriteEvent Withdraw(string agent, string commitment, string? reason = null) =>
        Of(agent, "CommitmentWithdrawn", ("commitment", commitment), ("reason", reason));

    /// <summary>Judges a claim. <paramref name="claim"/> may also name the commitment: then its current claim is judged.</summary>
    public static WriteEvent Verify(string agent, string claim, bool pass, string? note = null, IReadOnlyList<string>? overrides = null) =>
        Of(agent, "VerificationRecorded", ("claim", claim), ("outcome", pass ? "pass" : "fail"), ("note", note), ("overrides", Array(overrides)));

    /// <summary>Vouches for the newest epoch of an agent below that has forked and goes on; the node fills in which one that is.</summary>
    public static WriteEvent Endorse(string agent, string forked) => Of(agent, "EpochEndorsed", ("agent", forked));

    /// <summary>Asks for a ruling on a commitment.</summary>
    public static WriteEvent Dispute(string agent, string commitment, string reason) =>
        Of(agent, "CommitmentDisputed", ("commitment", commitment), ("reason", reason));

    /// <summary>Rules on a claim. <paramref name="claim"/> may also name the commitment: then its current claim is judged.</summary>
    public static WriteEvent Rule(string agent, string claim, bool pass, string reason) =>
        Of(agent, "RulingMade", ("claim", claim), ("outcome", pass ? "pass" : "fail"), ("reason", reason));

    /// <summary>Asks a question; of anyone when nobody is named.</summary>
    public static WriteEvent Ask(string agent, string text, IReadOnlyList<string>? to = null) =>
        Of(agent, "QuestionRaised", ("text", text), ("to", Array(to)));

    /// <summary>Answers a question.</summary>
    public static WriteEvent Reply(string agent, string question, string text) =>
        Of(agent, "QuestionAnswered", ("question", question), ("text", text));

    /// <summary>Shares a discovery; a later one under the same topic replaces it.</summary>
    public static WriteEvent Discover(string agent, string text, string? topic = null) =>
        Of(agent, "DiscoveryShared", ("text", text), ("topic", topic));

    /// <summary>Sends a message; to everyone when nobody is named.</summary>
    public static WriteEvent Send(string agent, string text, IReadOnlyList<string>? to = null) =>
        Of(agent, "MessageSent", ("text", text), ("to", Array(to)));

    /// <summary>Retires an agent: itself or one below it. The node fills in its last event.</summary>
    public static WriteEvent Retire(string agent, string whom, string? reason = null) =>
        Of(agent, "AgentRetired", ("agent", whom), ("reason", reason));

    private static JsonArray? Array(IReadOnlyList<string>? texts) =>
        texts is { Count: > 0 } ? new JsonArray([.. texts.Select(text => JsonValue.Create(text))]) : null;

    private static WriteEvent Of(string agent, string type, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var payload = new JsonObject();
        foreach (var (name, value) in fields)
            if (value is not null) payload.Add(name, value);
        return new WriteEvent(agent, type, JsonElement.Parse(payload.ToJsonString()));
    }
}
