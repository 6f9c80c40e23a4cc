using MediatR;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>One agent of the story with its own folder, node process and door.</summary>
internal sealed class Member(TavernExecutable tavern, string name, string folder) : IAsyncDisposable
{
    private NodeProcess? _node;
    private HttpDoor? _door;

    /// <summary>Its name, as typed.</summary>
    public string Name { get; } = name;

    /// <summary>Its name in a sentence.</summary>
    public string Title { get; } = char.ToUpperInvariant(name[0]) + name[1..];

    /// <summary>Its data.</summary>
    public string Data { get; } = Path.Combine(folder, name);

    /// <summary>Its key.</summary>
    public string Keys { get; } = Path.Combine(folder, "keys", name);

    /// <summary>True while its node runs.</summary>
    public bool IsUp => _node is not null;

    /// <summary>Its node's process number.</summary>
    public int Pid => _node!.Up.Pid;

    /// <summary>Its node's API.</summary>
    public string Api => _node!.Up.Api;

    /// <summary>Starts its node and returns when it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _node = await NodeProcess.StartAsync(tavern, Data, Keys, cancellationToken);
        _door = new HttpDoor(new Uri(_node.Up.Api), new TokenFolder(Data));
    }

    /// <summary>Sends a request to its node.</summary>
    public Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken) => _door!.SendAsync(request, cancellationToken);

    /// <summary>Kills its node with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _node!.KillAsync();
        await DisposeAsync();
    }

    /// <summary>Stops its node.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_door is not null) await _door.DisposeAsync();
        if (_node is not null) await _node.DisposeAsync();
        (_door, _node) = (null, null);
    }
}
