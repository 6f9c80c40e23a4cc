using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MediatR;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Tests.Api;

public sealed class DoorTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Both_doors_give_the_same_answers()
    {
        var task = await api.Door.SendAsync(Act.CreateTask("jake", "compare"), CancellationToken.None);
        await api.Door.SendAsync(Act.Ask("jake", "same?", ["gandalf"]), CancellationToken.None);
        var commitment = await api.Door.SendAsync(Act.Commit("jake", "will be the same", task.Event.Name), CancellationToken.None);
        await api.Door.SendAsync(Act.Claim("jake", commitment.Event.Name), CancellationToken.None);
        await api.UntilConvergedAsync();

        await SameAsync(new GetStatus());
        await SameAsync(new GetAgents("gandalf"));
        await SameAsync(new GetAgents("gandalf", "jake:2"));
        await SameAsync(new ShowAgent("gandalf"));
        await SameAsync(new ShowEvent(task.Event.Name, "frodo"));
        await SameAsync(new GetRecord(task.Event.Id));
        await SameAsync(new ReadLog("gandalf", new EventFilter { Agents = ["jake"], Types = ["TaskCreated", "QuestionRaised"], Text = "same", Since = "jake:1" }, 2));
        await SameAsync(new ReadLog("gandalf", After: 1, Limit: 3));
        await SameAsync(new TailLog("gandalf", 0, 0, 5));
        await SameAsync(new GetState("gandalf", "jake:1", Close: true));
        await SameAsync(new GetState("gandalf", Agent: "jake"));
        await SameAsync(new ReplayLog("frodo"));
        await SameAsync(new GetClock());
        await SameAsync(new GetLag("frodo"));
        await SameAsync(new GetConvergence());
        await SameAsync(new ExplainBelief("gandalf", "jake", "commitments"));
        await SameAsync(new GetSpread(task.Event.Name));
        await SameAsync(new GetKnowers(task.Event.Name));
        await SameAsync(new GetDisagreements());
        await SameAsync(new GetCauses(task.Event.Name, "frodo", 3, 20));
        await SameAsync(new GetEffects(task.Event.Name, Texts: false));
        await SameAsync(new GetRelation("gandalf:1", task.Event.Name));
        await SameAsync(new ListTasks("frodo"));
        await SameAsync(new ListCommitments("frodo", "jake"));
        await SameAsync(new ListQuestions("frodo", Open: true));
    }

    [Fact]
    public async Task Both_doors_refuse_the_same()
    {
        await SameRefusalAsync(new ShowAgent("nobody"));
        await SameRefusalAsync(new GetState("jake", "jake:99999"));
        await SameRefusalAsync(new GetState("jake", "what?"));
        await SameRefusalAsync(new ReadLog("jake", Limit: 100_000));
        await SameRefusalAsync(Act.Claim("gandalf", "jake:1"));
    }

    [Fact]
    public async Task Where_no_node_listens_the_door_says_so()
    {
        await using var door = new HttpDoor(new Uri("http://127.0.0.1:1"), api.Tokens);
        var unreachable = await Assert.ThrowsAsync<NodeUnreachableException>(() => door.SendAsync(new GetClock(), CancellationToken.None));
        Assert.Contains("tavern node", unreachable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_request_has_a_handler()
    {
        var requests = typeof(GetStatus).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IRequest<>)))
            .Order(Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))).ToList();
        Assert.NotEmpty(requests);
        var handled = typeof(GetStatus).Assembly.GetTypes().SelectMany(type => type.GetInterfaces())
            .Where(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IRequestHandler<,>))
            .Select(contract => contract.GetGenericArguments()[0]).ToHashSet();
        Assert.All(requests, request => Assert.Contains(request, handled));
    }

    private async Task SameAsync<TAnswer>(IRequest<TAnswer> request)
    {
        await using var local = new LocalDoor(api.Node);
        Assert.Equal(Settled(await api.Door.SendAsync(request, CancellationToken.None)), Settled(await local.SendAsync(request, CancellationToken.None)));
    }

    private async Task SameRefusalAsync<TAnswer>(IRequest<TAnswer> request)
    {
        await using var local = new LocalDoor(api.Node);
        var far = await Assert.ThrowsAsync<DoorException>(() => api.Door.SendAsync(request, CancellationToken.None));
        var near = await Assert.ThrowsAsync<DoorException>(() => local.SendAsync(request, CancellationToken.None));
        Assert.Equal(JsonSerializer.Serialize(far.Problem, AnswerJson.Default.Problem), JsonSerializer.Serialize(near.Problem, AnswerJson.Default.Problem));
    }

    /// <summary>The answer as JSON without what time alone changes between two calls.</summary>
    private static string Settled<TAnswer>(TAnswer answer)
    {
        var json = JsonSerializer.SerializeToNode(answer, AnswerJson.Default.GetTypeInfo(typeof(TAnswer))!)!;
        Settle(json);
        return Regex.Replace(json.ToJsonString(), "[0-9.]+ (ms|s|min) (old|ago)", "");

        static void Settle(JsonNode? node)
        {
            if (node is JsonArray array) foreach (var item in array) Settle(item);
            if (node is not JsonObject fields) return;
            foreach (var name in new[] { "ageSeconds", "headAgeSeconds", "seconds", "diskBytes", "link", "evidence" })
                if (fields[name] is JsonValue or JsonArray || name == "link") fields.Remove(name);
            foreach (var (_, value) in fields.ToList()) Settle(value);
        }
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_it_is_sent()
    {
        var large = JsonElement.Parse("{\"text\":\"" + new string('x', 3 * 1024 * 1024) + "\"}");
        var refused = await Assert.ThrowsAsync<DoorException>(() => api.Door.SendAsync(new WriteEvent("gandalf", "Own", large), CancellationToken.None));
        Assert.Equal(ProblemTypes.TooLarge, refused.Problem.Type);
    }
}
