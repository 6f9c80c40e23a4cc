using System.Collections.Concurrent;
using Tavern.EventSourced.ContainerTests.Containers.Docker;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>A tavern of five whose nodes each run in a container, on a network of its own, with names as addresses: the first founds it and invites
/// the others, as the image does it by itself.</summary>
internal sealed class TavernOfContainers : IAsyncDisposable
{
    private static readonly string[] Names = ["jake", "gandalf", "legolas", "frodo", "gimli"];

    private readonly List<ContainerMember> _members = [];
    private readonly Volume _invitations;

    private TavernOfContainers(DockerEngine engine, Network network, Volume invitations) => (Engine, Network, _invitations) = (engine, network, invitations);

    public DockerEngine Engine { get; }

    public Network Network { get; }

    public IReadOnlyList<ContainerMember> Members => _members;

    /// <summary>All that was ever acknowledged here: its text, and the id it got.</summary>
    public ConcurrentDictionary<string, string> Acknowledged { get; } = new();

    /// <summary>Starts it and waits until all have heard of all.</summary>
    /// <param name="engine">Where.</param>
    /// <param name="image">The image of all nodes.</param>
    /// <param name="change">What shall be other than usual, given a member's name.</param>
    /// <param name="data">The volume for a member's data; null: an ordinary one.</param>
    public static async Task<TavernOfContainers> StartAsync(
        DockerEngine engine, string image = ContainersFixture.NodeImage, Func<string, ContainerBuilder, ContainerBuilder>? change = null, Func<string, Task<Volume>>? data = null)
    {
        var tavern = new TavernOfContainers(engine, await Network.CreateAsync(engine), await Volume.CreateAsync(engine));
        try
        {
            var node = new ContainerBuilder(engine).WithImage(image).WithNetwork(tavern.Network).WithVolumeMount(tavern._invitations, "/invitations");
            foreach (var name in Names)
            {
                var builder = name == Names[0]
                    ? node.WithEnvironment("TAVERN_FOUND", "test").WithEnvironment("TAVERN_INVITE", string.Join(' ', Names[1..]))
                    : node.WithEnvironment("TAVERN_INVITATION", $"/invitations/{name}.invitation");
                var volume = data is null ? await Volume.CreateAsync(engine) : await data(name);
                tavern._members.Add(new ContainerMember(name, volume, await Volume.CreateAsync(engine), change?.Invoke(name, builder) ?? builder));
            }

            await Task.WhenAll(tavern._members.Select(member => member.CreateAsync()));
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            await tavern.UntilConvergedAsync(deadline.Token);
            return tavern;
        }
        catch
        {
            await tavern.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until all agents have the same events.</summary>
    public async Task UntilConvergedAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await _members[0].InsistAsync(new GetConvergence(), cancellationToken) is not { Converged: true, Asked.Count: var asked } || asked < Names.Length - 1)
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Waits until a member has heard an event.</summary>
    /// <param name="number">Which member.</param>
    /// <param name="eventId">The event's id, as it was acknowledged.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task UntilHeardAsync(int number, string eventId, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                await _members[number].InsistAsync(new GetRecord(eventId), cancellationToken);
                return;
            }
            catch (DoorException e) when (e.Problem.Status == 404)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    /// <summary>Waits until the first member gets no answer from so many others.</summary>
    public async Task UntilSilentAsync(int others, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await _members[0].InsistAsync(new GetConvergence(), cancellationToken)).Silent != others) await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>What each node last said, for whoever reads a failure.</summary>
    public async Task<string> DescribeAsync()
    {
        var said = new List<string>();
        foreach (var member in _members) said.Add($"--- {member.Name}\n{(member.Container is null ? "" : await member.Container.GetLogsAsync())}");
        return string.Join('\n', said);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members) await member.DisposeAsync();
        await _invitations.DisposeAsync();
        await Network.DisposeAsync();
    }
}
