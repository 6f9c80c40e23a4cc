using System.Net;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Tests.Api;

public sealed class AccessTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Event = """{"type":"StatusReported","payload":{"state":"working"}}""";

    [Theory]
    [InlineData("/api/v1/status")]
    [InlineData("/api/v1/export")]
    [InlineData("/api/v1/no/such/path")]
    public async Task Without_a_token_nothing_can_be_read(string path)
    {
        using var response = await api.SendAsync(HttpMethod.Get, path, null);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal(ProblemTypes.TokenMissing, (await ApiFixture.ProblemOf(response)).Type);
    }

    [Fact]
    public async Task A_token_that_nobody_gave_out_is_like_none()
    {
        using var response = await api.SendAsync(HttpMethod.Get, "/api/v1/status", new string('A', 43));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task The_read_token_reads_and_cannot_write()
    {
        using var read = await api.GetAsync("/api/v1/clock");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var write = await api.PostAsync("/api/v1/agents/jake/events", Event, api.Tokens.FindRead());
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
        Assert.Equal(ProblemTypes.TokenWrong, (await ApiFixture.ProblemOf(write)).Type);
    }

    [Fact]
    public async Task An_agents_token_writes_as_that_agent_and_as_no_other()
    {
        var before = await api.Door.SendAsync(new GetClock("gandalf"), CancellationToken.None);
        using var other = await api.PostAsync("/api/v1/agents/gandalf/events", Event, api.Tokens.FindWrite(api.Jake));
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        var problem = await ApiFixture.ProblemOf(other);
        Assert.Equal(ProblemTypes.TokenWrong, problem.Type);
        Assert.Contains("jake", problem.Detail, StringComparison.Ordinal);
        var after = await api.Door.SendAsync(new GetClock("gandalf"), CancellationToken.None);
        Assert.Equal(HeadOf(before), HeadOf(after));

        using var own = await api.PostAsync("/api/v1/agents/gandalf/events", Event, api.Tokens.FindWrite(api.Gandalf));
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);

        static string? HeadOf(ClockAnswer clock) => clock.Entries.FirstOrDefault(entry => entry.Agent.Name == "gandalf")?.Head.Id;
    }

    [Fact]
    public async Task A_write_without_a_token_is_refused()
    {
        using var response = await api.PostAsync("/api/v1/agents/jake/events", Event, null);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:80")]
    [InlineData("127.0.0.1:1")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task A_foreign_host_is_refused_before_anything_else(string host)
    {
        using var response = await api.SendAsync(HttpMethod.Get, "/api/v1/status", api.Tokens.FindRead(), null, ("Host", host));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(ProblemTypes.ForeignOrigin, (await ApiFixture.ProblemOf(response)).Type);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://127.0.0.1:{port}")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    public async Task A_foreign_origin_is_refused(string origin)
    {
        var header = ("Origin", origin.Replace("{port}", Port, StringComparison.Ordinal));
        using var response = await api.PostAsync("/api/v1/agents/jake/events", Event, api.Tokens.FindWrite(api.Jake), header);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(ProblemTypes.ForeignOrigin, (await ApiFixture.ProblemOf(response)).Type);
    }

    [Theory]
    [InlineData("localhost", "http://localhost:{port}")]
    [InlineData("127.0.0.1", "http://127.0.0.1:{port}")]
    [InlineData("[::1]", "http://127.0.0.1:{port}")]
    public async Task Its_own_host_and_origin_are_let_in(string host, string origin)
    {
        using var response = await api.SendAsync(
            HttpMethod.Get, "/api/v1/clock", api.Tokens.FindRead(), null, ("Host", $"{host}:{Port}"), ("Origin", origin.Replace("{port}", Port, StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_form_that_a_foreign_page_could_post_is_refused()
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/api/v1/agents/jake/events") { Content = new StringContent(Event) };
        message.Headers.Authorization = new("Bearer", api.Tokens.FindWrite(api.Jake));
        using var response = await api.Http.SendAsync(message);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Anybody_on_this_machine_may_ask_whether_it_lives()
    {
        foreach (var path in new[] { "/livez", "/readyz" })
        {
            using var response = await api.SendAsync(HttpMethod.Get, path, null);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [SkippableFact]
    public void Tokens_and_the_node_file_are_for_their_owner_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has access lists instead of modes.");
        string[] files = [api.Tokens.ReadFile, api.Tokens.WriteFile(api.Jake), api.Tokens.WriteFile(api.Gandalf), Path.Combine(api.Node.Options.DataFolder, "node.json")];
        foreach (var file in files)
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(3, new[] { api.Tokens.FindRead(), api.Tokens.FindWrite(api.Jake), api.Tokens.FindWrite(api.Gandalf) }.Distinct().Count());
    }

    private string Port => api.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
