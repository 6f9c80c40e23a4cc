using System.Net;
using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Tests.Api;

public sealed class ReadingTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Every_answer_starts_with_its_schema()
    {
        string[] paths =
        [
            "status", "agents", "agents/jake", "agents/jake/state", "agents/jake/events", "log", "tail", "state", "replay", "clock", "lag", "convergence",
            "tasks", "commitments", "questions", "disagreements", "why?observer=gandalf&subject=jake",
            "events/jake:1", "events/jake:1/evidence", "events/jake:1/spread", "events/jake:1/knowers",
            "events/jake:1/causes", "events/jake:1/effects", "relation?a=jake:1&b=gandalf:1", "log?q=status&agent=jake,gandalf&since=jake:1", "agents/jake/events?q=founded",
        ];
        foreach (var path in paths)
        {
            using var response = await api.GetAsync("/api/v1/" + path);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {text}");
            Assert.StartsWith("{\"schema\":1,", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/api/v1/agents/nobody")]
    [InlineData("/api/v1/state?observer=nobody")]
    [InlineData("/api/v1/events/jake:9999")]
    [InlineData("/api/v1/events/jake:9999/causes")]
    [InlineData("/api/v1/log?agent=nobody")]
    [InlineData("/api/v1/log?since=nobody:1")]
    [InlineData("/api/v1/events/nobody:1/spread")]
    [InlineData("/api/v1/why?observer=jake&subject=nobody")]
    [InlineData("/api/v1/no/such/path")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var response = await api.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(ProblemTypes.NotFound, (await ApiFixture.ProblemOf(response)).Type);
    }

    [Fact]
    public async Task A_method_that_a_path_does_not_take_is_a_problem()
    {
        using var response = await api.SendAsync(HttpMethod.Delete, "/api/v1/agents", api.Tokens.FindWrite(api.Jake));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(ProblemTypes.MethodNotAllowed, (await ApiFixture.ProblemOf(response)).Type);
    }

    [Theory]
    [InlineData("/api/v1/log?limit=0")]
    [InlineData("/api/v1/log?limit=many")]
    [InlineData("/api/v1/log?after=1&before=2")]
    [InlineData("/api/v1/log?after=soon")]
    [InlineData("/api/v1/log?after=-1")]
    [InlineData("/api/v1/log?before=0")]
    [InlineData("/api/v1/log?before=9000000")]
    [InlineData("/api/v1/log?limit=1001")]
    [InlineData("/api/v1/log?limit=-1")]
    [InlineData("/api/v1/log?type=")]
    [InlineData("/api/v1/log?type=a%0Ab")]
    [InlineData("/api/v1/log?agent=jake,")]
    [InlineData("/api/v1/log?q=")]
    [InlineData("/api/v1/log?since=yesterday!")]
    [InlineData("/api/v1/log?within=jake:1...jake:2")]
    [InlineData("/api/v1/tail?after=soon")]
    [InlineData("/api/v1/events/jake:1/causes?depth=0")]
    [InlineData("/api/v1/events/jake:1/effects?limit=2000")]
    [InlineData("/api/v1/relation?a=jake:1&b=jake:1..jake:2")]
    [InlineData("/api/v1/state?asOf=gandalf:0")]
    [InlineData("/api/v1/state?asOf=jake:1..jake:2")]
    [InlineData("/api/v1/lag?deadlineSeconds=1000")]
    [InlineData("/api/v1/why?observer=jake")]
    [InlineData("/api/v1/why?observer=jake&subject=jake&field=mood")]
    public async Task What_cannot_be_read_is_a_problem(string path)
    {
        using var response = await api.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(ProblemTypes.Invalid, (await ApiFixture.ProblemOf(response)).Type);
    }

    [Fact]
    public async Task An_event_by_id_never_changes_and_says_so()
    {
        using var response = await api.GetAsync($"/api/v1/events/{api.Jake}:1");
        var record = await ApiFixture.JsonOf(response);
        Assert.Equal($"\"{record.GetProperty("hash").GetString()}\"", response.Headers.ETag?.Tag);
        Assert.False(response.Headers.ETag!.IsWeak);
        Assert.Contains("immutable", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);

        using var again = await api.SendAsync(HttpMethod.Get, $"/api/v1/events/{api.Jake}:1", api.Tokens.FindRead(), null, ("If-None-Match", response.Headers.ETag.Tag));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var byName = await api.GetAsync("/api/v1/events/jake:1");
        Assert.DoesNotContain("immutable", byName.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_cut_is_refused_with_what_it_lacks_and_can_be_widened()
    {
        var task = await api.Door.SendAsync(Act.CreateTask("jake", "close the cut"), CancellationToken.None);
        var head = await HeardByAsync("frodo", task.Event.Id);
        var cut = $"jake:1,{head}";
        using var response = await api.GetAsync($"/api/v1/state?asOf={cut}");
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        var problem = await ApiFixture.ProblemOf(response);
        Assert.Equal(ProblemTypes.OpenCut, problem.Type);
        Assert.StartsWith("jake:2..", Assert.Single(problem.Missing!), StringComparison.Ordinal);

        var closed = await api.Door.SendAsync(new GetState(AsOf: cut, Close: true), CancellationToken.None);
        Assert.Contains(task.Event.Name, closed.Reading.Point, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_from_an_answer_is_a_cut_that_gives_the_same_view()
    {
        var now = await api.Door.SendAsync(new GetState("jake"), CancellationToken.None);
        await api.Door.SendAsync(Act.Report("jake", "working", "pouring"), CancellationToken.None);
        var then = await api.Door.SendAsync(new GetState("jake", now.Reading.Cursor), CancellationToken.None);
        Assert.Equal((now.ViewHash, now.Reading.Cursor), (then.ViewHash, then.Reading.Cursor));
        Assert.NotEqual(now.ViewHash, (await api.Door.SendAsync(new GetState("jake"), CancellationToken.None)).ViewHash);
    }

    [Fact]
    public async Task Pages_of_a_log_join_without_gap_or_repetition_in_both_directions()
    {
        for (var i = 0; i < 12; i++) await api.Door.SendAsync(new WriteEvent("jake", "com.example.page", System.Text.Json.JsonElement.Parse("{}")), CancellationToken.None);
        var whole = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Types = ["com.example.page"] }), CancellationToken.None);
        Assert.True(whole.Complete);
        Assert.Null(whole.Previous);

        var forward = new List<long>();
        var page = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Types = ["com.example.page"] }, Limit: 5, After: 0), CancellationToken.None);
        forward.AddRange(page.Entries.Select(entry => entry.Delivery.Position));
        Assert.False(page.Complete);
        while (!page.Complete)
        {
            page = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Types = ["com.example.page"] }, Limit: 5, After: page.Next), CancellationToken.None);
            forward.AddRange(page.Entries.Select(entry => entry.Delivery.Position));
        }

        var backward = new List<long>();
        page = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Agents = ["jake"], Types = ["com.example.page"] }, Limit: 5), CancellationToken.None);
        backward.InsertRange(0, page.Entries.Select(entry => entry.Delivery.Position));
        while (page.Previous is { } before)
        {
            page = await api.Door.SendAsync(new ReadLog("jake", new EventFilter { Types = ["com.example.page"] }, Limit: 5, Before: before), CancellationToken.None);
            backward.InsertRange(0, page.Entries.Select(entry => entry.Delivery.Position));
        }

        Assert.Equal(whole.Entries.Select(entry => entry.Delivery.Position), forward);
        Assert.Equal(forward, backward);
    }

    [Fact]
    public async Task The_last_hundred_events_come_by_default_and_the_answer_says_whether_that_is_all()
    {
        for (var i = 0; i < 105; i++) await api.Door.SendAsync(Act.Discover("jake", $"drop {i}"), CancellationToken.None);
        var page = await api.Door.SendAsync(new ReadLog("jake"), CancellationToken.None);
        Assert.Equal(100, page.Entries.Count);
        Assert.False(page.Complete);
        Assert.Equal(page.LogLength, page.Next);
        Assert.Equal(page.Entries[0].Delivery.Position, page.Previous);
    }

    [Fact]
    public async Task Tail_waits_for_news_and_says_who_brought_it()
    {
        var end = await api.Door.SendAsync(new TailLog("frodo"), CancellationToken.None);
        Assert.Empty(end.Entries);
        var waiting = api.Door.SendAsync(new TailLog("frodo", end.Next, 30), CancellationToken.None);
        await api.Door.SendAsync(Act.Send("gandalf", "fly, you fools"), CancellationToken.None);
        var page = await waiting;
        Assert.NotEmpty(page.Entries);
        Assert.All(page.Entries, entry => Assert.Equal("local", entry.Delivery.Mode));
        Assert.All(page.Entries, entry => Assert.NotNull(entry.Delivery.From));

        var silence = await api.Door.SendAsync(new TailLog("frodo", page.LogLength + 1000, 0.01), CancellationToken.None);
        Assert.Empty(silence.Entries);
    }

    [Fact]
    public async Task A_replay_from_nothing_gives_the_live_view()
    {
        var replay = await api.Door.SendAsync(new ReplayLog("jake"), CancellationToken.None);
        Assert.Empty(replay.Faults);
        Assert.True(replay.Verified);
        Assert.Equal((replay.Reading.Events, replay.LiveViewHash), (replay.Events, replay.ViewHash));
        Assert.Equal(replay.Events, replay.ByType.Values.Sum());

        var early = await api.Door.SendAsync(new ReplayLog("jake", "jake:2"), CancellationToken.None);
        Assert.True(early.Verified);
        Assert.Equal(2, early.Events);
    }

    [Fact]
    public async Task An_export_is_the_log_line_by_line_with_payloads_that_match_their_hashes()
    {
        await api.Door.SendAsync(new WriteEvent("jake", "com.example.lines", System.Text.Json.JsonElement.Parse("{\n \"several\": \"lines\"\n}")), CancellationToken.None);
        var exported = new List<EventView>();
        await foreach (var line in (await api.Door.SendAsync(new ExportLog("jake"), CancellationToken.None)).Events) exported.Add(line);
        var log = await api.Door.SendAsync(new ReadLog("jake", Limit: 1000, After: 0), CancellationToken.None);
        Assert.True(log.Complete);
        Assert.Equal(log.Entries.Select(entry => entry.Event.Id), exported.Select(line => line.Id).Take(log.Entries.Count));
        Assert.All(exported, line => Assert.Equal(
            line.PayloadHash,
            Hash.Of(line.PayloadBase64 is { } bytes ? Convert.FromBase64String(bytes) : Encoding.UTF8.GetBytes(line.Payload!.Value.GetRawText())).ToString()));
    }

    [Fact]
    public async Task Values_come_with_the_event_that_decided_them_and_who_has_it()
    {
        var report = await api.Door.SendAsync(Act.Report("gandalf", "done", "all lit"), CancellationToken.None);
        await HeardByAsync("jake", report.Event.Id);
        await HeardByAsync("frodo", report.Event.Id);
        var shown = await api.Door.SendAsync(new ShowAgent("gandalf", "jake"), CancellationToken.None);
        var state = shown.Row.State!;
        Assert.Equal(("done", report.Event.Id, "claimed"), (state.Value, state.Evidence.AsOf.Id, state.Evidence.Standing));
        Assert.Contains(state.Evidence.Delivery!.From!.Name, new[] { "gandalf", "frodo" });
        Assert.True(state.Evidence.HeardBy.AtLeast >= 3);
        Assert.False(state.Evidence.Contested);
        Assert.NotNull(state.Evidence.AgeSeconds);
    }

    /// <summary>Waits until an agent has an event, lets it write one that depends on it, and returns that.</summary>
    private async Task<string> HeardByAsync(string hearer, string id)
    {
        var page = await api.Door.SendAsync(new TailLog(hearer, 0, 0, 1000), CancellationToken.None);
        while (page.Entries.All(entry => entry.Event.Id != id))
            page = await api.Door.SendAsync(new TailLog(hearer, page.Next, 30, 1000), CancellationToken.None);
        return (await api.Door.SendAsync(Act.Report(hearer, "working"), CancellationToken.None)).Event.Name;
    }
}
