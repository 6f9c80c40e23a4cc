using System.Net;
using System.Text.Json;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Tests.Api;

public sealed class WritingTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_repeated_request_returns_the_same_event()
    {
        var key = ("Idempotency-Key", "once");
        using var first = await WriteAsync("gandalf", """{"type":"MessageSent","payload":{"text":"hello","to":["frodo"]}}""", key);
        using var again = await WriteAsync("gandalf", """{"type":"MessageSent","payload":{"text":"hello","to":["frodo"]}}""", key);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.Location, again.Headers.Location);
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_a_conflict()
    {
        var key = ("Idempotency-Key", "reused");
        using var first = await WriteAsync("gandalf", """{"type":"MessageSent","payload":{"text":"one"}}""", key);
        using var other = await WriteAsync("gandalf", """{"type":"MessageSent","payload":{"text":"two"}}""", key);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal(ProblemTypes.IdempotencyConflict, (await ApiFixture.ProblemOf(other)).Type);
    }

    [Fact]
    public async Task A_repeated_judgement_is_the_same_after_a_new_claim()
    {
        var commitment = await SendAsync(Act.Commit("gandalf", "light the beacons"));
        await SendAsync(Act.Claim("gandalf", commitment.Event.Name, "seen from afar"));
        await HeardAsync("frodo", "gandalf");
        var verify = Act.Verify("frodo", commitment.Event.Name, pass: false) with { IdempotencyKey = "judged" };
        var judged = await SendAsync(verify);
        await SendAsync(Act.Claim("gandalf", commitment.Event.Name, "now really"));
        await HeardAsync("frodo", "gandalf");
        Assert.Equal(judged.Event.Id, (await SendAsync(verify)).Event.Id);
    }

    [Fact]
    public async Task A_write_on_an_old_head_is_refused_and_says_where_the_chain_ends()
    {
        var written = await SendAsync(Act.Report("gandalf", "working"));
        var old = Before(written.Event.Name);
        using var refused = await WriteAsync("gandalf", """{"type":"StatusReported","payload":{"state":"idle"}}""", ("If-Match", $"\"{old}\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
        var problem = await ApiFixture.ProblemOf(refused);
        Assert.Equal((ProblemTypes.HeadMoved, written.Event.Name), (problem.Type, problem.Head));

        using var accepted = await WriteAsync("gandalf", """{"type":"StatusReported","payload":{"state":"idle"}}""", ("If-Match", $"\"{written.Event.Name}\""));
        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("gandalf:1")]
    [InlineData("\"gandalf\"")]
    [InlineData("\"gandalf:-1\"")]
    [InlineData("\"frodo:1\"")]
    public async Task A_head_that_cannot_be_read_is_not_taken_for_none(string tag)
    {
        using var response = await WriteAsync("gandalf", """{"type":"StatusReported","payload":{"state":"idle"}}""", ("If-Match", tag));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    [InlineData("""{"type":"X"}""", "cannot be read")]
    [InlineData("""{"type":"","payload":{}}""", "type is empty")]
    [InlineData("""{"type":"Own","payload":7}""", "not an object")]
    [InlineData("""{"type":"Own","payload":{},"typeVersion":0}""", "version")]
    [InlineData("""{"type":"StatusReported","payload":{"state":"bored"}}""", "idle, working, waiting, done")]
    [InlineData("""{"type":"StatusReported","payload":{"state":"idle","mood":"good"}}""", "no field 'mood'")]
    [InlineData("""{"type":"TaskStarted","payload":{}}""", "needs the field 'task'")]
    [InlineData("""{"type":"TaskProgressed","payload":{"task":"jake:1","note":"x","percent":101}}""", "0 to 100")]
    [InlineData("""{"type":"AgentSpawned","payload":{}}""", "tavern spawn")]
    [InlineData("""{"type":"TavernFounded","payload":{}}""", "by the node itself")]
    public async Task What_cannot_be_written_says_what_was_expected(string body, string expected)
    {
        using var response = await WriteAsync("gandalf", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await ApiFixture.ProblemOf(response);
        Assert.Equal(ProblemTypes.Invalid, problem.Type);
        Assert.Contains(expected, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_over_the_limit_is_refused()
    {
        using var large = await WriteAsync("gandalf", """{"type":"Own","payload":{"text":" """ + new string('x', 3 * 1024 * 1024) + "\"}}", ("Expect", "100-continue"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(ProblemTypes.TooLarge, (await ApiFixture.ProblemOf(large)).Type);
    }

    [Fact]
    public async Task A_payload_of_an_own_type_is_kept_to_the_byte()
    {
        const string Payload = """{ "b":1.50,"a" : "\u00e9 <ü>", "a": null }""";
        using var written = await WriteAsync("gandalf", """{"type":"com.example.thing","payload":""" + Payload + "}");
        var id = (await ApiFixture.JsonOf(written)).GetProperty("event").GetProperty("id").GetString()!;
        using var read = await api.GetAsync($"/api/v1/events/{id}");
        Assert.Contains($"\"payload\":{Payload}", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_become_ids_in_what_is_stored()
    {
        var task = await SendAsync(Act.CreateTask("jake", "carry the ring"));
        var assigned = await SendAsync(Act.AssignTask("jake", task.Event.Name, "frodo") with { Causes = [task.Event.Name] });
        var record = await api.Door.SendAsync(new GetRecord(assigned.Event.Id), CancellationToken.None);
        Assert.Equal(task.Event.Id, record.Payload!.Value.GetProperty("task").GetString());
        Assert.Equal([task.Event.Id], record.Causes);
        Assert.True(AgentId.TryParse(record.Payload.Value.GetProperty("agent").GetString(), out _));
    }

    [Fact]
    public async Task What_everybody_would_ignore_is_refused_with_the_reason()
    {
        var task = await SendAsync(Act.CreateTask("jake", "find the ring"));
        var commitment = await SendAsync(Act.Commit("gandalf", "be on time"));
        await HeardAsync("gandalf", "jake");
        await HeardAsync("frodo", "jake");
        await HeardAsync("frodo", "gandalf");
        await HeardAsync("jake", "gandalf");

        await RefusedAsync(Act.CompleteTask("gandalf", task.Event.Name), "neither started");
        await RefusedAsync(Act.CancelTask("gandalf", task.Event.Name), "only jake or an agent above");
        await RefusedAsync(Act.AssignTask("gandalf", task.Event.Name, "frodo"), "only its creator");
        await RefusedAsync(Act.Claim("frodo", commitment.Event.Name), "gandalf's commitment");
        await RefusedAsync(Act.Withdraw("frodo", commitment.Event.Name), "gandalf's commitment");
        await RefusedAsync(Act.Verify("frodo", commitment.Event.Name, pass: true), "no claim yet");
        await RefusedAsync(Act.Retire("gandalf", "jake"), "only jake or an agent above");

        var claim = await SendAsync(Act.Claim("gandalf", commitment.Event.Name));
        await HeardAsync("frodo", "gandalf");
        await RefusedAsync(Act.Verify("gandalf", claim.Event.Name, pass: true), "outside gandalf's own subtree");
        await RefusedAsync(Act.Rule("frodo", claim.Event.Name, pass: true, "because"), "above both");
    }

    [Fact]
    public async Task An_event_that_is_something_else_is_not_taken_for_a_task()
    {
        var report = await SendAsync(Act.Report("gandalf", "idle"));
        var refused = await Assert.ThrowsAsync<DoorException>(() => SendAsync(Act.StartTask("gandalf", report.Event.Name)));
        Assert.Equal(404, refused.Problem.Status);
        Assert.Contains("is not a task; it is a StatusReported", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retired_agent_cannot_write_any_more()
    {
        await api.Door.SendAsync(new SpawnAgent("jake", "boromir"), CancellationToken.None);
        var retired = await SendAsync(Act.Retire("jake", "boromir", "fell") with { IdempotencyKey = "end of boromir" });
        await HeardAsync("boromir", "jake");
        var refused = await Assert.ThrowsAsync<DoorException>(() => SendAsync(Act.Report("boromir", "working")));
        Assert.Equal(ProblemTypes.WouldBeIgnored, refused.Problem.Type);
        Assert.Equal(retired.Event.Id, (await SendAsync(Act.Retire("jake", "boromir", "fell") with { IdempotencyKey = "end of boromir" })).Event.Id);
    }

    [Fact]
    public async Task A_taken_name_cannot_be_given_again()
    {
        var refused = await Assert.ThrowsAsync<DoorException>(() => api.Door.SendAsync(new SpawnAgent("jake", "gandalf"), CancellationToken.None));
        Assert.Equal(ProblemTypes.NameTaken, refused.Problem.Type);
    }

    [Fact]
    public async Task An_invitation_holds_what_a_newcomer_needs()
    {
        var invited = await api.Door.SendAsync(new InviteAgent("gandalf", "pippin", "fool"), CancellationToken.None);
        var invitation = Invitation.FromJson(JsonSerializer.SerializeToUtf8Bytes(invited.Invitation));
        Assert.Equal(invited.Agent.Id, invitation.Agent.ToString());
        Assert.Equal(("gandalf", api.Node.Tavern), (invited.Parent.Name, invitation.Tavern));
    }

    private Task<WrittenAnswer> SendAsync(WriteEvent request) => api.Door.SendAsync(request, CancellationToken.None);

    private async Task RefusedAsync(WriteEvent request, string reason)
    {
        var refused = await Assert.ThrowsAsync<DoorException>(() => SendAsync(request));
        Assert.Equal(ProblemTypes.WouldBeIgnored, refused.Problem.Type);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> WriteAsync(string agent, string body, params (string, string)[] headers) =>
        api.PostAsync($"/api/v1/agents/{agent}/events", body, agent == "gandalf" ? api.Tokens.FindWrite(api.Gandalf) : api.Tokens.FindWrite(api.Jake), headers);

    /// <summary>Waits until one agent has all that another wrote.</summary>
    private async Task HeardAsync(string hearer, string writer)
    {
        var head = (await api.Door.SendAsync(new GetClock(writer), CancellationToken.None)).Entries.First(entry => entry.Agent.Name == writer).Head;
        var page = await api.Door.SendAsync(new TailLog(hearer, 0, 0, 1000), CancellationToken.None);
        while (page.Entries.All(entry => entry.Event.Id != head.Id))
            page = await api.Door.SendAsync(new TailLog(hearer, page.Next, 30, 1000), CancellationToken.None);
    }

    private static string Before(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return $"{name[..colon]}:{int.Parse(name[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture) - 1}";
    }
}
