using System.Text.Json;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>A newcomer whose node runs and has not heard yet who vouches for it.</summary>
public sealed class UnheardTests : IAsyncLifetime, IDisposable
{
    private readonly CliSandbox _cli = new();
    private TestNodes _nodes = null!;

    public async Task InitializeAsync()
    {
        _nodes = await TestNodes.StartAsync(1, http: true);
        (await _cli.RunAsync("init", "elsewhere", "--data", "elsewhere")).Expect(ExitCode.Ok); // not meant by any command below
        await using var api = await ApiHost.StartAsync(_nodes.Nodes[0], null, CancellationToken.None);
        (await _cli.RunAsync("spawn", "gandalf", "--invite", "gandalf.invitation", "--data", _nodes.Nodes[0].Options.DataFolder)).Expect(ExitCode.Ok);
        (await _cli.RunAsync("join", "gandalf.invitation", "--data", "gandalf")).Expect(ExitCode.Ok);
    }

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_node_says_it_is_open_when_its_agents_can_write()
    {
        await using var node = await RunningNode.StartAsync(_cli, "gandalf");
        Assert.Empty(node.Banner.GetProperty("unheard").EnumerateArray());
        Assert.StartsWith("gandalf:", (await _cli.RunAsync("report", "working", "--data", "gandalf")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gandalf")]
    public async Task While_the_seed_is_silent_banner_and_refusals_say_for_whom_it_waits(string? named)
    {
        var seed = _nodes.Nodes[0].GossipAddress!.GetLeftPart(UriPartial.Authority);
        await _nodes.Nodes[0].StopAsync();
        await using var node = await RunningNode.StartAsync(_cli, "gandalf");
        var reason = $"gandalf has not heard from {seed} yet and cannot write until it has.";
        Assert.Equal(reason, Assert.Single(node.Banner.GetProperty("unheard").EnumerateArray()).GetProperty("reason").GetString());

        string[] who = named is null ? [] : ["--as", named];
        var refused = (await _cli.RunAsync(["report", "working", "--data", "gandalf", .. who])).Expect(ExitCode.Conflict);
        Assert.Contains(reason, refused.Error, StringComparison.Ordinal);
        Assert.Contains($"an answer from {seed}", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Start the node there", refused.Error, StringComparison.Ordinal);
    }

    /// <summary><c>tavern node</c> in this process, from its banner until it is told to stop.</summary>
    private sealed class RunningNode : IAsyncDisposable
    {
        private readonly Interruption _interruption = new();
        private Task<CliResult> _running = null!;

        public JsonElement Banner { get; private set; }

        public static async Task<RunningNode> StartAsync(CliSandbox cli, string folder)
        {
            var node = new RunningNode();
            var output = new FirstLine();
            node._running = cli.RunAsync(node._interruption, output, "node", "--data", folder, "-o", "ndjson");
            var first = await Task.WhenAny(output.Line, node._running).WaitAsync(TestNodes.Deadline);
            if (first == node._running) Assert.Fail((await node._running).Error);
            node.Banner = JsonElement.Parse(await output.Line);
            return node;
        }

        public async ValueTask DisposeAsync()
        {
            _interruption.Raise(System.Runtime.InteropServices.PosixSignal.SIGTERM);
            (await _running.WaitAsync(TestNodes.Deadline)).Expect(ExitCode.Ok);
            _interruption.Dispose();
        }
    }

    /// <summary>Output whose first line can be waited for.</summary>
    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override void Write(char value)
        {
            base.Write(value);
            Look();
        }

        public override void Write(string? value)
        {
            base.Write(value);
            Look();
        }

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            Look();
        }

        private void Look()
        {
            var text = ToString();
            if (text.Contains('\n', StringComparison.Ordinal)) _line.TrySetResult(text.Split('\n')[0]);
        }
    }
}
