using System.Text.Json;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

/// <summary>Each shown value names the event that decided it and the rule that let it win: looked for in the JSON of every answer that
/// shows values, over a history in which something of everything happened.</summary>
public sealed class EvidenceTests
{
    [Fact]
    public async Task Every_value_in_every_answer_names_its_event_and_its_rule()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await using var door = new LocalDoor(nodes.Nodes[0]);
        await WorkAsync(nodes, door);

        var values = 0;
        foreach (var answer in await AnswersAsync(door)) values += Walk(answer, answer.GetRawText());
        Assert.True(values > 100, $"only {values} values were looked at");
    }

    [Fact]
    public async Task What_lines_show_beside_their_state_has_evidence_too()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await using var door = new LocalDoor(nodes.Nodes[0]);
        await WorkAsync(nodes, door);

        var tasks = (await door.SendAsync(new ListTasks("jake"), CancellationToken.None)).Tasks;
        Assert.Contains(tasks, task => task.Progress is not null);
        Assert.Contains(tasks, task => task.Result is not null);
        Assert.All(tasks, task => Assert.Equal(task.Progress is null, task.ProgressEvidence is null));
        Assert.All(tasks, task => Assert.True(task.Percent is null || task.ProgressEvidence is not null));
        Assert.All(tasks.Select(task => task.ProgressEvidence).OfType<Evidence>(), evidence => Assert.True(evidence is { AsOf.Id.Length: > 32, Rule.Length: > 0 }));
        Assert.All(tasks.Select(task => task.Result).OfType<TaskOutcome>(), result => Assert.True(result is { Event.Id.Length: > 32, Rule.Length: > 0 }));

        var commitments = (await door.SendAsync(new ListCommitments("jake"), CancellationToken.None)).Commitments;
        Assert.Contains(commitments, commitment => commitment.Claim is not null);
        Assert.All(commitments, commitment => Assert.Equal(commitment.Claim is null, string.IsNullOrEmpty(commitment.ClaimRule)));
        Assert.All(commitments.SelectMany(commitment => commitment.Judgements), judgement => Assert.NotEmpty(judgement.Event.Id));

        var agents = (await door.SendAsync(new GetAgents("jake"), CancellationToken.None)).Agents;
        Assert.Contains(agents, agent => agent.Retired);
        Assert.All(agents, agent => Assert.Equal(agent.Retired, agent.Retirement is not null));

        var replies = (await door.SendAsync(new ListQuestions("jake"), CancellationToken.None)).Questions.SelectMany(question => question.Replies).ToList();
        Assert.NotEmpty(replies);
        Assert.All(replies, reply => Assert.True(reply is { Event.Id.Length: > 32, Rule.Length: > 0 }));
    }

    private static async Task<List<JsonElement>> AnswersAsync(LocalDoor door)
    {
        var answers = new List<JsonElement>
        {
            Json(await door.SendAsync(new GetAgents("jake"), CancellationToken.None)),
            Json(await door.SendAsync(new GetStatus("jake"), CancellationToken.None)),
            Json(await door.SendAsync(new GetState("jake"), CancellationToken.None)),
            Json(await door.SendAsync(new ListTasks("jake"), CancellationToken.None)),
            Json(await door.SendAsync(new ListCommitments("jake"), CancellationToken.None)),
            Json(await door.SendAsync(new ListQuestions("jake"), CancellationToken.None)),
            Json(await door.SendAsync(new GetDisagreements("jake"), CancellationToken.None)),
        };
        foreach (var agent in (string[])["jake", "gandalf", "frodo", "gimli"])
        {
            answers.Add(Json(await door.SendAsync(new GetState("jake", Agent: agent), CancellationToken.None)));
            answers.Add(Json(await door.SendAsync(new ShowAgent(agent, "jake"), CancellationToken.None)));
            foreach (var field in AgentFields.Names)
                answers.Add(Json(await door.SendAsync(new ExplainBelief("jake", agent, field), CancellationToken.None)));
        }

        return answers;
    }

    /// <summary>A working day: tasks in every state, promises claimed, verified, failed, disputed, ruled and withdrawn, questions, a retirement.</summary>
    private static async Task WorkAsync(TestNodes nodes, LocalDoor door)
    {
        foreach (var name in (string[])["gandalf", "frodo", "gimli"]) await door.SendAsync(new SpawnAgent("jake", name, "hero"), CancellationToken.None);
        await nodes.UntilConvergedAsync();
        var key = await WriteAsync(Act.CreateTask("jake", "Find the key", "It opens the gate."));
        var gate = await WriteAsync(Act.CreateTask("jake", "Open the gate"));
        await WriteAsync(Act.AssignTask("jake", key, "gandalf"));
        await WriteAsync(Act.StartTask("gandalf", key));
        await WriteAsync(Act.StartTask("frodo", key));
        await WriteAsync(Act.ProgressTask("gandalf", key, "two of three", 66));
        await WriteAsync(Act.CompleteTask("frodo", key, "under the mat"));
        await WriteAsync(Act.CompleteTask("gandalf", key, "in the well"));
        await WriteAsync(Act.CancelTask("jake", gate, "it was open"));
        var kept = await WriteAsync(Act.Commit("gandalf", "open by noon", key, "jake"));
        var broken = await WriteAsync(Act.Commit("gandalf", "no noise"));
        await WriteAsync(Act.Withdraw("frodo", await WriteAsync(Act.Commit("frodo", "to stay")), "no"));
        await WriteAsync(Act.Claim("gandalf", kept, "see the gate"));
        await WriteAsync(Act.Claim("gandalf", broken));
        await WriteAsync(Act.Verify("frodo", kept, true, "walked through"));
        await WriteAsync(Act.Verify("frodo", broken, false, "heard it"));
        await WriteAsync(Act.Dispute("gandalf", broken, "that was the wind"));
        await WriteAsync(Act.Rule("jake", broken, true, "it was the wind"));
        await WriteAsync(Act.Reply("frodo", await WriteAsync(Act.Ask("gandalf", "Which gate?", ["frodo"])), "The west gate."));
        await WriteAsync(Act.Ask("gandalf", "Who is there?"));
        await WriteAsync(Act.Discover("frodo", "The gate is open.", "gate"));
        await WriteAsync(Act.Send("frodo", "Come.", ["jake"]));
        await WriteAsync(Act.Report("gandalf", "done", "all lit", key));
        await WriteAsync(Act.Retire("jake", "gimli", "gone home"));

        async Task<string> WriteAsync(WriteEvent request)
        {
            var written = await door.SendAsync(request, CancellationToken.None);
            await nodes.UntilConvergedAsync();
            return written.Event.Name;
        }
    }

    private static JsonElement Json<T>(T answer) => JsonSerializer.SerializeToElement(answer, AnswerJson.Default.Options);

    /// <summary>Every object with a value has its evidence beside it. Returns how many there are.</summary>
    private static int Walk(JsonElement element, string whole)
    {
        var count = 0;
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) count += Walk(item, whole);
                break;
            case JsonValueKind.Object:
                if (element.TryGetProperty("value", out _))
                {
                    count++;
                    var (by, rule) = element.TryGetProperty("evidence", out var evidence)
                        ? (evidence.GetProperty("asOf").GetProperty("id"), evidence.GetProperty("rule"))
                        : (element.GetProperty("decidedBy"), element.GetProperty("rule"));
                    Assert.True(EventId.TryParse(by.GetString(), out var id), $"{element} names no event, in {whole}");
                    Assert.Contains('/', rule.GetString()!);
                }

                foreach (var property in element.EnumerateObject()) count += Walk(property.Value, whole);
                break;
        }

        return count;
    }
}
