using System.Net;
using System.Text;
using System.Text.Json;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Histories;

namespace Tavern.EventSourced.Tests.Api;

public sealed class ImportTests(ApiFixture tavern) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_history_is_made_at_a_place_and_a_second_time_it_is_there()
    {
        var body = Body("made.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two.")));
        var response = await PostAsync(body);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var history = (await ApiFixture.JsonOf(response)).GetProperty("histories")[0];
        Assert.Equal($"/api/v1/events/{history.GetProperty("event").GetProperty("id").GetString()}", response.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await tavern.GetAsync(response.Headers.Location.ToString())).StatusCode);

        var second = await PostAsync(body);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.True((await ApiFixture.JsonOf(second)).GetProperty("histories")[0].GetProperty("alreadyThere").GetBoolean());
    }

    [Fact]
    public async Task Only_the_importers_own_token_lets_import()
    {
        var body = Body("token.json", HistoryTexts.ChatOf(("Boss", "Count.")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await tavern.PostAsync("/api/v1/imports", body, null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await tavern.PostAsync("/api/v1/imports", body, tavern.Tokens.FindRead())).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await tavern.PostAsync("/api/v1/imports", body, tavern.Tokens.FindWrite(tavern.Gandalf))).StatusCode);
    }

    [Theory]
    [InlineData("x.json", """{"history":[{"content":"a"}]}""", "who-and-when", "x.json, history[0]: the message has neither 'name' nor 'role'")]
    [InlineData("x.json", "{}", "other", "'other' is not a format")]
    [InlineData("../x.json", "{}", "who-and-when", "is not a file's name")]
    [InlineData("", "{}", "who-and-when", "is not a file's name")]
    public async Task What_is_no_history_is_refused_with_the_place_and_changes_nothing(string file, string content, string format, string reason)
    {
        var before = await EventsAsync();
        var problem = await ApiFixture.ProblemOf(await PostAsync(Body(file, Encoding.UTF8.GetBytes(content), format)));
        Assert.Equal((ProblemTypes.Invalid, 400), (problem.Type, problem.Status));
        Assert.Contains(reason, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await EventsAsync());
    }

    [Fact]
    public async Task A_file_larger_than_any_other_body_is_taken_and_one_over_its_own_limit_is_not()
    {
        var text = new string('x', 900_000);
        (await PostAsync(Body("large.json", HistoryTexts.ChatOf(("Boss", text), ("Boss", text), ("Boss", text))))).EnsureSuccessStatusCode();
        var problem = await ApiFixture.ProblemOf(await PostAsync(Body("larger.json", new byte[HistoryLimits.FileBytesMax + 1])));
        Assert.Equal(ProblemTypes.Invalid, problem.Type);
        Assert.Contains($"{HistoryLimits.FileBytesMax}", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_imports_of_one_file_at_once_are_one()
    {
        var body = Body("once.json", HistoryTexts.ChatOf(("Twin", "a"), ("Other", "b")));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync(body)));
        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.Created);
        Assert.Equal(3, answers.Count(answer => answer.StatusCode is HttpStatusCode.OK));
    }

    [Fact]
    public async Task Every_agent_of_the_node_hears_it_and_none_of_it_is_asked_for_an_answer()
    {
        (await PostAsync(Body("heard.json", HistoryTexts.ChatOf(("Speaker", "a"), ("Listener", "b"))))).EnsureSuccessStatusCode();
        await tavern.UntilConvergedAsync();
        var told = await tavern.Door.SendAsync(new GetSpread("Listener:1", "gandalf"), CancellationToken.None);
        Assert.Equal((3, 3, true), (told.HeardBy.AtLeast, told.HeardBy.Of, told.HeardBy.Exact));
        Assert.Equal(["imported", "delivered", "delivered"], told.Hearers.Select(hearer => hearer.State));
        Assert.Null(told.WrittenAt);
        Assert.All(told.Hearers, hearer => Assert.Null(hearer.TotalSeconds));
        Assert.Equal("heard.json", told.Record?.File);
        Assert.Equal(["Speaker"], told.Recorded!.NotHeard.Select(agent => agent.Name));
        var knowers = await tavern.Door.SendAsync(new GetKnowers("Speaker:1", "gandalf"), CancellationToken.None);
        Assert.Equal(["Listener since Listener:1"], knowers.Recorded!.Heard.Select(hearer => $"{hearer.Agent.Name} since {hearer.Since.Name}"));
        Assert.True(told.Recorded.Complete && knowers.Recorded.Complete);
        var convergence = await tavern.Door.SendAsync(new GetConvergence(), CancellationToken.None);
        Assert.True(convergence.Converged);
        Assert.Equal(["frodo", "gandalf", "jake"], convergence.Asked.Select(asked => asked.Agent.Name));
    }

    [Fact]
    public async Task More_files_than_an_agent_could_name_in_its_next_event_are_refused()
    {
        var before = await EventsAsync();
        var file = new HistoryFile("many.json", HistoryTexts.ChatOf(("Boss", "a")));
        var refused = await Assert.ThrowsAsync<DoorException>(() => tavern.Door.SendAsync(
            new ImportHistories("jake", "who-and-when", [.. Enumerable.Repeat(file, HistoryLimits.FilesMax + 1)]), CancellationToken.None));
        Assert.Contains($"the limit is {HistoryLimits.FilesMax}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await EventsAsync());
    }

    [Fact]
    public async Task The_keys_of_a_history_are_nowhere()
    {
        var answer = await tavern.Door.SendAsync(
            new ImportHistories("jake", "who-and-when", [new HistoryFile("keys.json", HistoryTexts.ChatOf(("Mute", "a")))]), CancellationToken.None);
        var history = answer.Histories[0];
        foreach (var agent in history.Agents.Select(line => line.Agent.Id).Append(history.Historian.Id))
        {
            Assert.DoesNotContain(AgentId.Parse(agent), tavern.Node.Hosted);
            Assert.DoesNotContain(Directory.EnumerateFiles(tavern.Node.Options.KeysFolder), file => file.Contains(agent, StringComparison.Ordinal));
            Assert.Null(tavern.Tokens.FindWrite(AgentId.Parse(agent)));
        }
    }

    private static string Body(string file, byte[] content, string format = "who-and-when") => JsonSerializer.Serialize(
        new { agent = "jake", format, files = new[] { new { name = file, content = Convert.ToBase64String(content) } } });

    private Task<HttpResponseMessage> PostAsync(string body) => tavern.PostAsync("/api/v1/imports", body, tavern.Tokens.FindWrite(tavern.Jake));

    private ValueTask<long> EventsAsync() => tavern.Node.History.ReadAsync(reader => reader.LogLength(tavern.Jake), CancellationToken.None);
}
