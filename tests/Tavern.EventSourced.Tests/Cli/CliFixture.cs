using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>Two real nodes with their APIs: jake's, and gandalf's, which hosts two.</summary>
public sealed class CliFixture : IAsyncLifetime, IDisposable
{
    private readonly CliSandbox _sandbox = new();
    private readonly List<ApiHost> _hosts = [];
    private TestNodes _nodes = null!;

    /// <summary>Data folder of jake's node; it hosts jake alone.</summary>
    public string Jake => _nodes.Nodes[0].Options.DataFolder;

    /// <summary>Data folder of gandalf's node; it hosts gandalf and bilbo, whom he spawned.</summary>
    public string Gandalf => _nodes.Nodes[1].Options.DataFolder;

    internal CliSandbox Sandbox => _sandbox;

    /// <summary>Keys of a node, by its number.</summary>
    public string Keys(int node) => _nodes.Nodes[node].Options.KeysFolder;

    public async Task InitializeAsync()
    {
        _nodes = await TestNodes.StartAsync(2);
        foreach (var node in _nodes.Nodes) _hosts.Add(await ApiHost.StartAsync(node, null, CancellationToken.None));
        await _nodes.UntilConvergedAsync();
        (await GandalfAsync("spawn", "bilbo", "--role", "burglar", "--as", "gandalf")).Expect(ExitCode.Ok);
        await _nodes.UntilConvergedAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        await _nodes.DisposeAsync();
    }

    public void Dispose() => _sandbox.Dispose();

    public Task UntilConvergedAsync() => _nodes.UntilConvergedAsync();

    /// <summary>A command at jake's node.</summary>
    internal Task<CliResult> JakeAsync(params string[] args) => _sandbox.RunAsync([.. args, "--data", Jake]);

    /// <summary>A command at gandalf's node.</summary>
    internal Task<CliResult> GandalfAsync(params string[] args) => _sandbox.RunAsync([.. args, "--data", Gandalf]);

    /// <summary>Writes as jake; the name of the event.</summary>
    internal async Task<string> WriteAsync(params string[] args) => (await JakeAsync(args)).Expect(ExitCode.Ok).Output.Trim();
}
