using MediatR;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>One agent of the story with its own folder, node process and door.</summary>
internal sealed class Member(TavernExecutable tavern, string name, string folder) : IAsyncDisposable
{
    private volatile Running? _running; // one reference: whoever sends meanwhile sees a whole node or none

    /// <summary>Its name, as typed.</summary>
    public string Name { get; } = name;

    /// <summary>Its name in a sentence.</summary>
    public string Title { get; } = char.ToUpperInvariant(name[0]) + name[1..];

    /// <summary>Its data.</summary>
    public string Data { get; } = Path.Combine(folder, name);

    /// <summary>Its key.</summary>
    public string Keys { get; } = Path.Combine(folder, "keys", name);

    /// <summary>True while its node runs.</summary>
    public bool IsUp => _running is not null;

    /// <summary>Its node's process number.</summary>
    public int Pid => Up.Node.Up.Pid;

    /// <summary>Its node's API.</summary>
    public string Api => Up.Node.Up.Api;

    /// <summary>Where other nodes reach its node.</summary>
    public string Gossip => Up.Node.Up.Gossip!; // a node that writes listens

    private Running Up => _running ?? throw new NodeUnreachableException(null, $"The node of {Name} is not running.");

    /// <summary>Starts its node and returns when it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var node = await NodeProcess.StartAsync(tavern, Data, Keys, cancellationToken);
        _running = new Running(node, new HttpDoor(new Uri(node.Up.Api), new TokenFolder(Data)));
    }

    /// <summary>Sends a request to its node.</summary>
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken) => await Up.Door.SendAsync(request, cancellationToken);

    /// <summary>Kills its node with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await Up.Node.KillAsync();
        await DisposeAsync();
    }

    /// <summary>Stops its node.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_running is not { } running) return;
        _running = null;
        await running.Door.DisposeAsync();
        await running.Node.DisposeAsync();
    }

    private sealed record Running(NodeProcess Node, HttpDoor Door);
}
