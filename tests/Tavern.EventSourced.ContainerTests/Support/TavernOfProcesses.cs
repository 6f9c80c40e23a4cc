using System.Diagnostics;
using System.Text.Json;
using MediatR;
using Tavern.EventSourced.Cli.Demo;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.ContainerTests.Support;

/// <summary>A tavern whose agents each run in a process of their own: the first founds it, the others were invited by the first.</summary>
internal sealed class TavernOfProcesses : IAsyncDisposable
{
    private static readonly TavernExecutable Executable = new("dotnet", [typeof(TavernExecutable).Assembly.Location]);

    private readonly Func<int, TavernExecutable, TavernExecutable> _run;
    private readonly TemporaryFolder _folder = new();
    private readonly List<Member> _members = [];
    private readonly List<TaskCompletionSource> _up = [];
    private readonly List<int> _gossipPorts = [];

    private TavernOfProcesses(Func<int, TavernExecutable, TavernExecutable> run) => _run = run;

    public IReadOnlyList<Member> Members => _members;

    public static Task<TavernOfProcesses> StartAsync(params string[] names) => StartAsync(names, (_, executable) => executable);

    /// <param name="names">Its agents.</param>
    /// <param name="run">How a member's node is run: its number, and the command.</param>
    /// <param name="storeOf">Which server an agent's node keeps its log in, by a connection string; null for its folder. Default: all in folders.</param>
    public static async Task<TavernOfProcesses> StartAsync(
        IReadOnlyList<string> names, Func<int, TavernExecutable, TavernExecutable> run, Func<string, string?>? storeOf = null)
    {
        var tavern = new TavernOfProcesses(run);
        foreach (var name in names) tavern.Add(name, tavern._folder.Path);
        foreach (var member in tavern._members)
            if (storeOf?.Invoke(member.Name) is { } connection) StoreFile.Parse(connection, member.Name).Write(member.Data);
        var first = tavern._members[0];
        await TavernFounding.FoundAsync(first.Data, first.Keys, "test", first.Name, TimeProvider.System, CancellationToken.None);
        await tavern.StartAsync(0);
        foreach (var member in tavern._members.Skip(1))
        {
            var invited = await first.SendAsync(new InviteAgent(first.Name, member.Name), CancellationToken.None);
            var invitation = Invitation.FromJson(JsonSerializer.SerializeToUtf8Bytes(invited.Invitation));
            await TavernFounding.JoinAsync(member.Data, member.Keys, invitation, TimeProvider.System, CancellationToken.None);
        }

        await Task.WhenAll(Enumerable.Range(1, tavern._members.Count - 1).Select(tavern.StartAsync));
        await tavern.UntilConvergedAsync(CancellationToken.None);
        return tavern;
    }

    /// <summary>For each member the port on which others reach its node; of one that is down the port it had last.</summary>
    public IReadOnlyList<int> GossipPorts => _gossipPorts;

    /// <summary>Copies a stopped node's folders, keys and all. Returns the copy's number; it is not started.</summary>
    public int Copy(int number)
    {
        var (original, copy) = (_members[number], Add(_members[number].Name, Path.Combine(_folder.Path, $"copy{_members.Count}")));
        FolderCopy.Make(original.Data, copy.Data);
        FolderCopy.Make(original.Keys, copy.Keys);
        return _members.Count - 1;
    }

    /// <summary>Starts a node and lets those who wait for it go on.</summary>
    public async Task StartAsync(int number)
    {
        await _members[number].StartAsync(CancellationToken.None);
        _gossipPorts[number] = new Uri(_members[number].Gossip).Port;
        _up[number].SetResult();
    }

    /// <summary>Ends a node with SIGKILL.</summary>
    public async Task KillAsync(int number)
    {
        _up[number] = NotUp();
        await _members[number].KillAsync();
    }

    /// <summary>Ends a node in good order, however long it takes.</summary>
    public async Task StopAsync(int number)
    {
        _up[number] = NotUp();
        var node = _members[number].Pid;
        using (var signal = Process.Start("bash", ["-c", $"kill -TERM {node}"])) await signal.WaitForExitAsync();
        await Cli.Processes.UntilGoneAsync([node]);
        await _members[number].DisposeAsync();
    }

    /// <summary>Sends a request until it is answered, across the node's deaths.</summary>
    public async Task<TAnswer> SendAsync<TAnswer>(int number, IRequest<TAnswer> request, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _up[number].Task.WaitAsync(cancellationToken);
            try
            {
                return await _members[number].SendAsync(request, cancellationToken);
            }
            catch (Exception e) when (e is NodeUnreachableException or ObjectDisposedException or HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Killed meanwhile, or about to be seen as such: whether it was written is unknown, and the key makes asking again harmless.
                await Task.Yield();
            }
        }
    }

    /// <summary>Waits until all agents have the same events.</summary>
    public async Task UntilConvergedAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!(await _members[0].SendAsync(new GetConvergence(), cancellationToken)).Converged) await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Stops all nodes; their data stay.</summary>
    public async Task StopAsync() => await Task.WhenAll(_members.Select(member => member.DisposeAsync().AsTask()));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private static TaskCompletionSource NotUp() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Member Add(string name, string folder)
    {
        _members.Add(new Member(_run(_members.Count, Executable), name, folder));
        _up.Add(NotUp());
        _gossipPorts.Add(0);
        return _members[^1];
    }
}
