using System.Net;
using System.Text.Json;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Tests.Api;

/// <summary>What led to what, asked at a real node.</summary>
public sealed class CauseAnswersTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_conclusion_is_walked_back_to_its_reasons_and_a_reason_on_to_what_it_led_to()
    {
        var (seen, heard) = (await WriteAsync("gandalf", "the gate is ajar"), await WriteAsync("frodo", "a creak at noon"));
        await api.UntilConvergedAsync();
        var guess = await WriteAsync("jake", "somebody came in", seen, heard);
        var check = await WriteAsync("jake", "nobody of ours is missing", heard);
        await api.UntilConvergedAsync();
        var answer = await WriteAsync("gandalf", "a stranger is in the house", guess, check);
        await api.UntilConvergedAsync();

        var causes = await api.Door.SendAsync(new GetCauses(answer), CancellationToken.None);
        Assert.Equal((answer, 4, true), (causes.Event.Name, causes.Events, causes.Complete));
        Assert.Equal([(1, guess, false), (2, seen, false), (2, heard, false), (1, check, false), (2, heard, true)], causes.Lines.Select(line => (line.Depth, line.Event.Name, line.Again)));
        Assert.Equal([answer, guess, guess, answer, check], causes.Lines.Select(line => line.Of.Name));
        Assert.Equal("text: a creak at noon", causes.Lines[2].Event.Text);
        Assert.All(causes.Lines, line => Assert.Equal(("reason", "DiscoveryShared", false), (line.Standing, line.Event.Type, line.More)));

        var effects = await api.Door.SendAsync(new GetEffects(heard, "frodo", Texts: false), CancellationToken.None);
        Assert.Equal([(1, guess), (2, answer), (1, check), (2, answer)], effects.Lines.Select(line => (line.Depth, line.Event.Name)));
        Assert.All(effects.Lines, line => Assert.Null(line.Event.Text));

        var near = await api.Door.SendAsync(new GetCauses(answer, Depth: 1), CancellationToken.None);
        Assert.Equal([(guess, true), (check, true)], near.Lines.Select(line => (line.Event.Name, line.More)));
        Assert.False(near.Complete);
        Assert.False((await api.Door.SendAsync(new GetCauses(answer, Limit: 3), CancellationToken.None)).Complete);

        var nothing = await api.Door.SendAsync(new GetCauses(seen), CancellationToken.None);
        Assert.Equal((0, true), (nothing.Lines.Count, nothing.Complete));
    }

    [Fact]
    public async Task How_two_events_stand_is_proven_step_by_step()
    {
        var same = await api.Door.SendAsync(new GetRelation("jake:1", "jake:1"), CancellationToken.None);
        Assert.Equal(("same", 0), (same.Relation, same.Steps.Count));

        // jake:1 founds the tavern, jake:2 or a later event of his vouches for gandalf, gandalf:1 is the first of the chain that begins so.
        var spawned = await api.Door.SendAsync(new GetRelation("jake:1", "gandalf:1"), CancellationToken.None);
        Assert.Equal("before", spawned.Relation);
        Assert.Equal(("jake:1", "gandalf:1"), (spawned.Steps[0].From.Name, spawned.Steps[^1].To.Name));
        Assert.Contains(spawned.Steps[^1].Kind, new[] { "spawn", "dependency" });
        var back = await api.Door.SendAsync(new GetRelation("gandalf:1", "jake:1"), CancellationToken.None);
        Assert.Equal("after", back.Relation);
        Assert.Equal(spawned.Steps, back.Steps);
        Assert.Equal("jake:1", back.KnownToA?.Name.Split(':')[0] == "jake" ? "jake:1" : back.KnownToA?.Name);

        await api.Door.SendAsync(new SetGossip("gandalf", Paused: true), CancellationToken.None);
        var (here, there) = (await WriteAsync("jake", "here"), await WriteAsync("gandalf", "there"));
        var apart = await api.Door.SendAsync(new GetRelation(here, there), CancellationToken.None);
        Assert.Equal(("concurrent", 0), (apart.Relation, apart.Steps.Count));
        await api.Door.SendAsync(new SetGossip("gandalf", Paused: false), CancellationToken.None);
        await api.UntilConvergedAsync();
    }

    [Fact]
    public async Task An_event_is_shown_with_its_signature_what_built_on_it_and_who_has_it()
    {
        var news = await WriteAsync("gandalf", "news");
        await api.UntilConvergedAsync();
        var built = await WriteAsync("frodo", "so be it");
        await api.UntilConvergedAsync();

        var shown = await api.Door.SendAsync(new ShowEvent(news), CancellationToken.None);
        Assert.Equal("good", shown.Signature.State);
        Assert.Contains(built, shown.BuiltOn.Select(one => one.Name));
        Assert.All(shown.BuiltOn, one => Assert.NotEqual("gandalf", one.Name.Split(':')[0]));
        Assert.Equal((3, 3, true), (shown.Knowers!.AtLeast, shown.Knowers.Of, shown.Knowers.Exact));
        Assert.Equal("gandalf", shown.Delivery?.From?.Name ?? "gandalf");
        Assert.Null((await api.Door.SendAsync(new ShowEvent(news, Local: true), CancellationToken.None)).Knowers);
    }

    [Fact]
    public async Task A_payload_with_half_a_pair_is_refused_where_a_text_is_meant_and_kept_where_it_is_not()
    {
        var gandalf = api.Tokens.FindWrite(api.Gandalf);
        using var refused = await api.PostAsync("/api/v1/agents/gandalf/events", """{"type":"DiscoveryShared","payload":{"text":"\ud800"}}""", gandalf);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("half", (await ApiFixture.ProblemOf(refused)).Detail, StringComparison.Ordinal);

        const string odd = """{"\udc00":"half a pair: \ud800"}""";
        using var kept = await api.PostAsync("/api/v1/agents/gandalf/events", $$"""{"type":"com.example.odd","payload":{{odd}}}""", gandalf);
        var name = (await ApiFixture.JsonOf(kept)).GetProperty("event").GetProperty("name").GetString()!;
        Assert.Equal(odd, (await api.Door.SendAsync(new GetRecord(name), CancellationToken.None)).Payload?.GetRawText());
        await api.UntilConvergedAsync();
        var found = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Text = "PAIR: \ufffd" }), CancellationToken.None);
        Assert.Equal([name], found.Entries.Select(entry => entry.Event.Name));
    }

    [Theory]
    [InlineData("after=900000", "900000", "past the end")]
    [InlineData("before=abc", "'abc'", "place in the log")]
    [InlineData("type=x,,y", "empty", "commas")]
    [InlineData("agent=gandlaf", "gandlaf", "tavern agents")]
    [InlineData("limit=2000", "2000", "1 to 1000")]
    public async Task A_wrong_search_says_what_was_wrong_and_what_was_expected(string query, string wrong, string expected)
    {
        using var response = await api.GetAsync("/api/v1/log?" + query);
        var problem = await ApiFixture.ProblemOf(response);
        Assert.Contains(wrong, problem.Detail, StringComparison.Ordinal);
        Assert.Contains(expected, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_read_within_points_and_since_points()
    {
        var first = await WriteAsync("jake", "one");
        await WriteAsync("jake", "two");
        var third = await WriteAsync("jake", "three");
        var between = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Within = $"{first}..{third}", Agents = ["jake"] }), CancellationToken.None);
        Assert.Equal(["two", "three"], between.Entries.Select(TextOf));
        var since = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Since = first, Agents = ["jake"] }), CancellationToken.None);
        Assert.Equal(["two", "three"], since.Entries.Select(TextOf));
        var cursor = await api.Door.SendAsync(new GetRelation(first, first), CancellationToken.None);
        Assert.Equal("same", cursor.Relation);
        var seen = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Within = "jake/gandalf" }), CancellationToken.None);
        Assert.All(seen.Entries, entry => Assert.Equal("gandalf", entry.Event.Agent.Name));
        var silent = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Since = "-5m", Text = "three" }, Texts: false), CancellationToken.None);
        Assert.All(silent.Entries, entry => Assert.True(entry.Event is { Payload: null, PayloadBase64: null }));
        Assert.NotEmpty(silent.Entries);
    }

    private static string? TextOf(LogEntry entry) => entry.Event.Payload?.GetProperty("text").GetString();

    private async Task<string> WriteAsync(string agent, string text, params string[] causes)
    {
        var payload = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["text"] = text });
        return (await api.Door.SendAsync(new WriteEvent(agent, "DiscoveryShared", payload) { Causes = causes }, CancellationToken.None)).Event.Name;
    }
}
