using System.Net;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

/// <summary>A node that still reads its log lives, and is not ready.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task While_the_log_is_read_it_lives_and_is_not_ready_and_nothing_else_is_answered()
    {
        using var read = new SemaphoreSlim(0);
        await using var nodes = await TestNodes.StartAsync(1);
        await nodes.AppendAsync(0, new MessageSent("something to read"));
        await nodes.StopAsync(0);
        var options = nodes.Nodes[0].Options with { Store = inner => new WatchedStore(inner) { BeforeSegments = () => read.WaitAsync() } };
        await using var api = await ApiHost.OpenAsync(options, null, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = api.Address };
        var starting = TavernNode.StartAsync(options, CancellationToken.None);

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/livez")).StatusCode);
        await NotReadyAsync(http, "/readyz");
        await NotReadyAsync(http, "/api/v1/status");
        Assert.Equal("The node is starting.", await ReadinessProbe.AskAsync(options.DataFolder, CancellationToken.None));

        read.Release();
        await using var node = await starting;
        await NotReadyAsync(http, "/readyz");
        api.Serve(node);
        using var deadline = new CancellationTokenSource(TestNodes.Deadline);
        while (await ReadinessProbe.AskAsync(options.DataFolder, deadline.Token) is not null) await Task.Yield();
        Assert.Equal("ok", await http.GetStringAsync("/readyz"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/api/v1/status")).StatusCode);
    }

    /// <summary>Whoever asks in the very moment in which it begins to listen, as a health check may.</summary>
    [Fact]
    public async Task The_first_question_is_answered_like_all_others()
    {
        const int Starts = 20;
        await using var nodes = await TestNodes.StartAsync(1);
        using var http = new HttpClient();
        for (var i = 0; i < Starts; i++)
        {
            Uri address;
            await using (var free = await ApiHost.OpenAsync(nodes.Nodes[0].Options, null, CancellationToken.None)) address = free.Address;
            var answers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => FirstAnswerAsync(http, address))).ToList();
            await using var api = await ApiHost.OpenAsync(nodes.Nodes[0].Options with { ApiListen = address }, null, CancellationToken.None);
            Assert.All(await Task.WhenAll(answers), status => Assert.Equal(HttpStatusCode.OK, status));
        }
    }

    private static async Task<HttpStatusCode> FirstAnswerAsync(HttpClient http, Uri address)
    {
        while (true)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(address, "/livez"));
                return response.StatusCode;
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet.
            }
        }
    }

    [Fact]
    public async Task A_node_whose_agent_may_not_write_yet_is_not_ready()
    {
        await using var nodes = await TestNodes.StartAsync(2, change: (number, options) => number == 0 ? options : options with { WaitForPeers = true });
        await nodes.UntilConvergedAsync();
        await nodes.Nodes[1].WaitUntilVouchedAsync(nodes.AgentOf(1), CancellationToken.None);
        await nodes.AppendAsync(1, new MessageSent("here")); // so there is a lease
        await nodes.UntilConvergedAsync();
        await nodes.StopAsync(1);
        File.Delete(Directory.GetFiles(nodes.Nodes[1].Options.KeysFolder, "*.lease").Single()); // so that it has to ask
        await nodes.StopAsync(0);
        await nodes.StartAgainAsync(1, options => options);
        await using var api = await ApiHost.StartAsync(nodes.Nodes[1], null, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = api.Address };
        var problem = await NotReadyAsync(http, "/readyz");
        Assert.StartsWith("1 of 1 agents wait for others", problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("gandalf", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_node_runs_nobody_is_ready()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await nodes.StopAsync(0);
        await Assert.ThrowsAsync<NodeFileException>(() => ReadinessProbe.AskAsync(nodes.Nodes[0].Options.DataFolder, CancellationToken.None));
    }

    private static async Task<Problem> NotReadyAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var problem = await ApiFixture.ProblemOf(response);
        Assert.Equal(ProblemTypes.NotReady, problem.Type);
        return problem;
    }
}
