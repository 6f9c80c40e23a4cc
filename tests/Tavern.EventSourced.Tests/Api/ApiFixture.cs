using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

/// <summary>A real node with its API on a free port, and a client without any help: tokens are added by hand. It hosts jake, who
/// founded the tavern, and gandalf and frodo, whom he spawned.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private TestNodes _nodes = null!;
    private ApiHost _host = null!;

    public TavernNode Node => _nodes.Nodes[0];

    public Uri Address => _host.Address;

    public HttpClient Http { get; private set; } = null!;

    public HttpDoor Door { get; private set; } = null!;

    public TokenFolder Tokens { get; private set; } = null!;

    public AgentId Jake => _nodes.Jake;

    public AgentId Gandalf { get; private set; }

    public async Task InitializeAsync()
    {
        _nodes = await TestNodes.StartAsync(1);
        _host = await ApiHost.StartAsync(Node, null, CancellationToken.None);
        Http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TestNodes.Deadline }) { BaseAddress = _host.Address };
        Tokens = new TokenFolder(Node.Options.DataFolder);
        Door = new HttpDoor(_host.Address, Tokens);
        Gandalf = AgentId.Parse((await Door.SendAsync(new SpawnAgent("jake", "gandalf", "wizard"), CancellationToken.None)).Agent.Id);
        await Door.SendAsync(new SpawnAgent("jake", "frodo"), CancellationToken.None);
        // Newcomers announce where they are; after that only tests write.
        foreach (var agent in Node.Hosted)
            await TestNodes.UntilAsync(Node, agent, reader => Node.Hosted.All(other => reader.Clock(agent)[new ChainId(other, 1)] > 0), "everybody has announced itself");
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Door.DisposeAsync();
        await _host.DisposeAsync();
        await _nodes.DisposeAsync();
    }

    /// <summary>Waits until all agents have the same events.</summary>
    public Task UntilConvergedAsync() => _nodes.UntilConvergedAsync();

    /// <summary>A GET with the token that lets read.</summary>
    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path, Tokens.FindRead());

    /// <summary>A POST of JSON with a token.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json, string? token, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, token, json, headers);

    /// <summary>Any call.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? token, string? json = null, params (string Name, string Value)[] headers)
    {
        using var message = new HttpRequestMessage(method, path);
        if (token is not null) message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (json is not null) message.Content = new StringContent(json, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        return await Http.SendAsync(message);
    }

    /// <summary>Reads a problem, and checks that it has its form.</summary>
    public static async Task<Problem> ProblemOf(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), AnswerJson.Default.Problem)!;
        Assert.Equal((int)response.StatusCode, problem.Status);
        Assert.StartsWith("urn:tavern:problem:", problem.Type, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Title);
        Assert.NotEmpty(problem.Detail);
        return problem;
    }

    /// <summary>Reads an answer.</summary>
    public static async Task<JsonElement> JsonOf(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
