using System.Net;
using System.Text.Json;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

public sealed class SubscriptionApiTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_client_in_any_language_handles_each_event_once_through_crashes()
    {
        for (var i = 0; i < 6; i++) await api.Door.SendAsync(Act.Send("jake", $"client {i}"), CancellationToken.None);
        await api.UntilConvergedAsync();
        long position = 0;
        for (var life = 0; ; life++)
        {
            // What a client does after each start: ask where it is, read on, answer with the place it answers. Here it dies after two
            // answers each, and forgets that it wrote the last one.
            position = await PositionAsync("client");
            var answered = 0;
            var page = await ApiFixture.JsonOf(await api.GetAsync($"/api/v1/tail?observer=gandalf&after={(life == 0 ? 0 : Math.Max(0, position - 1))}&waitSeconds=0&limit=1000"));
            foreach (var entry in page.GetProperty("entries").EnumerateArray())
            {
                var (cause, place) = (entry.GetProperty("event"), entry.GetProperty("delivery").GetProperty("position").GetInt64());
                if (cause.GetProperty("type").GetString() != nameof(MessageSent) || answered == 2) continue;
                using var written = await WriteAsync($$$"""{"type":"DiscoveryShared","payload":{"text":"answer to {{{cause.GetProperty("name").GetString()}}}"},"subscription":"client","handled":{{{place}}}}""");
                if (written.StatusCode == HttpStatusCode.Created) answered++;
                else Assert.Equal((HttpStatusCode.PreconditionFailed, ProblemTypes.PositionMoved), (written.StatusCode, (await ApiFixture.ProblemOf(written)).Type));
            }

            if (answered == 0) break;
        }

        var log = await ApiFixture.JsonOf(await api.GetAsync("/api/v1/log?observer=gandalf&limit=1000&after=0"));
        var entries = log.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("event")).ToList();
        var messages = entries.Where(shown => shown.GetProperty("type").GetString() == nameof(MessageSent)).Select(shown => shown.GetProperty("name").GetString());
        var answers = entries.Where(shown => shown.GetProperty("type").GetString() == nameof(DiscoveryShared) && shown.GetProperty("payload").GetProperty("text").GetString()!.StartsWith("answer", StringComparison.Ordinal))
            .Select(shown => shown.GetProperty("causes")[0].GetProperty("name").GetString());
        Assert.Equal(messages, answers);
    }

    [Fact]
    public async Task A_place_handled_without_effect_is_put_and_may_be_put_again()
    {
        await api.UntilConvergedAsync();
        foreach (var handled in (int[])[1, 2, 2])
        {
            using var moved = await PutAsync($$"""{"subscription":"idle","handled":{{handled}}}""");
            Assert.Equal(handled, Line(await ApiFixture.JsonOf(moved), "idle").GetProperty("position").GetInt64());
        }

        using var back = await PutAsync("""{"subscription":"idle","handled":1}""");
        var problem = await ApiFixture.ProblemOf(back);
        Assert.Equal((ProblemTypes.PositionMoved, 2L), (problem.Type, problem.Position));
        using var elsewhere = await PutAsync("""{"subscription":"idle","handled":3,"from":1}""");
        Assert.Equal(HttpStatusCode.PreconditionFailed, elsewhere.StatusCode);
        using var beyond = await PutAsync("""{"subscription":"idle","handled":100000}""");
        Assert.Equal(HttpStatusCode.PreconditionFailed, beyond.StatusCode);
        using var negative = await PutAsync("""{"subscription":"idle","handled":-1}""");
        Assert.Equal(HttpStatusCode.BadRequest, negative.StatusCode);
        using var stranger = await api.SendAsync(HttpMethod.Put, "/api/v1/agents/gandalf/subscriptions", api.Tokens.FindWrite(api.Jake), """{"subscription":"idle","handled":3}""");
        Assert.Equal(HttpStatusCode.Forbidden, stranger.StatusCode);
        Assert.Equal(2, await PositionAsync("idle"));
    }

    [Theory]
    [InlineData("""{"type":"DiscoveryShared","payload":{"text":"x"},"subscription":"half"}""", "one of them is missing")]
    [InlineData("""{"type":"DiscoveryShared","payload":{"text":"x"},"handled":1}""", "one of them is missing")]
    [InlineData("""{"type":"DiscoveryShared","payload":{"text":"x"},"subscription":"","handled":1}""", "1 to 255")]
    [InlineData("""{"type":"DiscoveryShared","payload":{"text":"x"},"subscription":"half","handled":0}""", "log position")]
    [InlineData("""{"type":"DiscoveryShared","payload":{"text":"x"},"subscription":"half","handled":99999}""", "log position")]
    public async Task A_step_that_is_none_is_refused_and_writes_nothing(string json, string said)
    {
        var before = (await api.Node.GetStatusAsync(api.Gandalf, CancellationToken.None)).LogLength;
        using var refused = await WriteAsync(json);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(said, (await ApiFixture.ProblemOf(refused)).Detail, StringComparison.Ordinal);
        Assert.Equal(0, await PositionAsync("half"));
        Assert.Equal(before, (await api.Node.GetStatusAsync(api.Gandalf, CancellationToken.None)).LogLength);
    }

    [Fact]
    public async Task A_subscription_that_stopped_is_shown_tried_again_and_skipped()
    {
        await api.UntilConvergedAsync();
        var (cured, calls) = (false, 0);
        await using var subscription = await api.Node.SubscribeAsync(
            api.Gandalf, "ill", (_, _) =>
            {
                calls++;
                return cured ? Task.CompletedTask : throw new InvalidOperationException("no cure \u001b[31m");
            },
            new SubscriptionOptions { OwnEvents = true, Types = ["Plague"], AttemptsMax = 2, RetryDelay = TimeSpan.Zero, RetryDelayMax = TimeSpan.Zero }, default);
        using var written = await WriteAsync("""{"type":"Plague","payload":{}}""");
        var name = (await ApiFixture.JsonOf(written)).GetProperty("event").GetProperty("name").GetString()!;
        await subscription.WaitUntilStoppedAsync().WaitAsync(TestNodes.Deadline);

        var shown = Line(await ListAsync(), "ill");
        Assert.Equal(("stopped", name, 2), (shown.GetProperty("state").GetString(), shown.GetProperty("cause").GetProperty("name").GetString(), shown.GetProperty("attempts").GetInt32()));
        var status = await ApiFixture.JsonOf(await api.GetAsync("/api/v1/status?deadlineSeconds=0"));
        Assert.Contains(status.GetProperty("news").EnumerateArray(), line => line.GetString()!.Contains($"Gandalf's subscription ill stopped at {name} after 2 attempts: InvalidOperationException: no cure", StringComparison.Ordinal) && !line.GetString()!.Contains('\u001b'));

        using var other = await PostAsync("skip", """{"subscription":"ill","event":"gandalf:1"}""");
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        using var wordy = await PostAsync("skip", $$"""{"subscription":"ill","event":"{{name}}","reason":"{{new string('x', 3000)}}"}""");
        Assert.Equal(HttpStatusCode.BadRequest, wordy.StatusCode);
        await ApiFixture.JsonOf(await PostAsync("retry", $$"""{"subscription":"ill","event":"{{name}}"}"""));
        await subscription.WaitUntilStoppedAsync().WaitAsync(TestNodes.Deadline);
        Assert.Equal(4, calls);
        var skipped = Line(await ApiFixture.JsonOf(await PostAsync("skip", $$"""{"subscription":"ill","event":"{{name}}","reason":"no cure is known"}""")), "ill");
        Assert.Equal("running", skipped.GetProperty("state").GetString());
        var record = await ApiFixture.JsonOf(await api.GetAsync($"/api/v1/events/{skipped.GetProperty("emitted").GetProperty("id").GetString()}"));
        Assert.Equal(SubscriptionSkipped.Type, record.GetProperty("type").GetString());
        Assert.Equal("no cure is known", record.GetProperty("payload").GetProperty("reason").GetString());
        cured = true;
        using var missing = await api.PostAsync("/api/v1/agents/gandalf/subscriptions/skip", """{"subscription":"nobody","event":"gandalf:1"}""", api.Tokens.FindWrite(api.Gandalf));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        Task<HttpResponseMessage> PostAsync(string what, string json) => api.PostAsync($"/api/v1/agents/gandalf/subscriptions/{what}", json, api.Tokens.FindWrite(api.Gandalf));
    }

    [Fact]
    public async Task Both_doors_carry_the_same()
    {
        await api.UntilConvergedAsync();
        await using var local = new LocalDoor(api.Node);
        foreach (IDoor door in (IDoor[])[api.Door, local])
        {
            var handled = 1 + await PositionAsync("doors/ü");
            var written = await door.SendAsync(Act.Discover("gandalf", "by a door") with { Subscription = "doors/ü", Handled = handled }, CancellationToken.None);
            var line = (await door.SendAsync(new MoveSubscription("gandalf", "doors/ü", handled + 1), CancellationToken.None)).Subscriptions.Single(held => held.Name == "doors/ü");
            Assert.Equal((handled + 1, "held", null), (line.Position, line.State, line.Emitted));
            Assert.NotEmpty(written.Event.Id);
            await Assert.ThrowsAsync<DoorException>(() => door.SendAsync(new SteerSubscription("gandalf", "doors/ü", "gandalf:1", Skip: true), CancellationToken.None));
        }
    }

    private async Task<JsonElement> ListAsync() => await ApiFixture.JsonOf(await api.GetAsync("/api/v1/agents/gandalf/subscriptions"));

    private async Task<long> PositionAsync(string name) => (await ListAsync()).GetProperty("subscriptions").EnumerateArray()
        .Where(line => line.GetProperty("name").GetString() == name).Select(line => line.GetProperty("position").GetInt64()).FirstOrDefault();

    private static JsonElement Line(JsonElement answer, string name) =>
        answer.GetProperty("subscriptions").EnumerateArray().Single(line => line.GetProperty("name").GetString() == name);

    private Task<HttpResponseMessage> WriteAsync(string json) => api.PostAsync("/api/v1/agents/gandalf/events", json, api.Tokens.FindWrite(api.Gandalf));

    private Task<HttpResponseMessage> PutAsync(string json) =>
        api.SendAsync(HttpMethod.Put, "/api/v1/agents/gandalf/subscriptions", api.Tokens.FindWrite(api.Gandalf), json);
}
