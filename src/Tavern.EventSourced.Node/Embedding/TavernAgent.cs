using System.Text.Json;
using MediatR;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Embedding;

/// <summary>An agent that lives in this program: its log, its gossip and its handlers, over one data folder. Open one per folder. Safe
/// for concurrent use. Made by <see cref="OpenAsync"/> or <see cref="FoundOrOpenAsync"/>.</summary>
public sealed class TavernAgent : IAsyncDisposable
{
    private readonly ApiHost? _api;
    private readonly LocalDoor _door;

    private TavernAgent(TavernNode node, AgentId id, string name, ApiHost? api) =>
        (Node, Id, Name, _api, _door) = (node, id, name, api, new LocalDoor(node));

    /// <summary>Its id.</summary>
    public AgentId Id { get; }

    /// <summary>Its name, as it was spawned.</summary>
    public string Name { get; }

    /// <summary>The node below: everything that this class leaves out.</summary>
    public TavernNode Node { get; }

    /// <summary>Where the API answers; null without one.</summary>
    public Uri? Api => _api?.Address;

    /// <summary>Opens a data folder that <c>tavern init</c> or <c>tavern join</c> made, and starts to gossip.</summary>
    /// <param name="dataFolder">The folder.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NodeFileException">The folder holds no tavern (the message says how to get one in), or does not host the agent.</exception>
    /// <exception cref="StoreRefusedException">Another process holds the folder (the message names it), or it is damaged.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<TavernAgent> OpenAsync(string dataFolder, TavernAgentOptions? options = null, CancellationToken cancellationToken = default)
    {
        var settings = options ?? new TavernAgentOptions();
        if (!TavernFile.Exists(dataFolder))
            throw new NodeFileException(
                $"{dataFolder} holds no tavern, and opening it makes none. Found one with: tavern init NAME --data {dataFolder} (or {nameof(FoundOrOpenAsync)}); " +
                $"or enter one with an invitation: tavern join FILE --data {dataFolder}");
        var hosted = TavernFile.Read(dataFolder).Hosted;
        var (id, name) = (settings.Name is null ? hosted.FirstOrDefault() : hosted.FirstOrDefault(agent => agent.Name == settings.Name))
            ?? throw new NodeFileException($"{dataFolder} does not host {settings.Name ?? "anybody"}; it hosts {string.Join(", ", hosted.Select(agent => agent.Name))}.");
        var node = settings.ToNode(dataFolder);
        var api = settings.Api ? await ApiHost.OpenAsync(node, null, cancellationToken).ConfigureAwait(false) : null; // before the log is read: it lives, and is not ready
        TavernNode? started = null;
        try
        {
            started = await TavernNode.StartAsync(node, cancellationToken).ConfigureAwait(false);
            api?.Serve(started);
            return new TavernAgent(started, id, name, api);
        }
        catch
        {
            if (api is not null) await api.DisposeAsync().ConfigureAwait(false);
            if (started is not null) await started.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a data folder; when it holds no tavern, founds one there first, with this agent as its root.</summary>
    /// <param name="dataFolder">The folder; made when it is missing.</param>
    /// <param name="tavern">The name of the tavern to found.</param>
    /// <param name="name">The name of its root, and of the agent to open.</param>
    /// <param name="options">Null for the defaults; their name is not used.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NodeFileException">The folder holds what is left of a founding that was cut short, or does not host the agent.</exception>
    /// <exception cref="StoreRefusedException">Another process holds the folder (the message names it), or it is damaged.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<TavernAgent> FoundOrOpenAsync(
        string dataFolder, string tavern, string name, TavernAgentOptions? options = null, CancellationToken cancellationToken = default)
    {
        var settings = (options ?? new TavernAgentOptions()) with { Name = name };
        if (!TavernFile.Exists(dataFolder))
        {
            var node = settings.ToNode(dataFolder);
            await TavernFounding.FoundAsync(dataFolder, node.KeysFolder, tavern, name, node.Time, cancellationToken).ConfigureAwait(false);
        }

        return await OpenAsync(dataFolder, settings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes an event of the catalogue. When the task completes it survives kill -9 and power loss.</summary>
    /// <param name="body">The event.</param>
    /// <param name="conditions">An idempotency key, an expected head; null for none.</param>
    /// <param name="cancellationToken">Gives up while nothing is written.</param>
    /// <exception cref="AppendRefusedException">A condition does not hold, or nobody is known to vouch for the agent yet.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot commit now; the message says whether the event may have been written.</exception>
    public Task<EventId> AppendAsync(TavernEvent body, AppendConditions? conditions = null, CancellationToken cancellationToken = default) =>
        AppendAsync(EventCatalogue.Draft(body), conditions, cancellationToken);

    /// <summary>Writes an event of a type of one's own: kept, gossiped and shown as it is.</summary>
    /// <param name="type">Type name, any that the catalogue does not use.</param>
    /// <param name="payload">Anything that System.Text.Json writes as an object; with camelCase names.</param>
    /// <param name="conditions">An idempotency key, an expected head; null for none.</param>
    /// <param name="cancellationToken">Gives up while nothing is written.</param>
    /// <exception cref="MalformedRecordException">It is over a limit, or not an object. Nothing was written.</exception>
    /// <exception cref="AppendRefusedException">A condition does not hold, or nobody is known to vouch for the agent yet.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot commit now; the message says whether the event may have been written.</exception>
    public Task<EventId> AppendAsync<T>(string type, T payload, AppendConditions? conditions = null, CancellationToken cancellationToken = default) =>
        AppendAsync(new EventDraft(type, 1, JsonSerializer.SerializeToUtf8Bytes(payload, JsonSerializerOptions.Web)), conditions, cancellationToken);

    /// <summary>Writes an event with declared causes, a version or a trace.</summary>
    /// <exception cref="MalformedRecordException">It is over a limit. Nothing was written.</exception>
    /// <exception cref="AppendRefusedException">A condition does not hold, or nobody is known to vouch for the agent yet.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot commit now; the message says whether the event may have been written.</exception>
    public async Task<EventId> AppendAsync(EventDraft draft, AppendConditions? conditions = null, CancellationToken cancellationToken = default) =>
        (await Node.AppendAsync(Id, [draft], conditions ?? AppendConditions.None, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Hands the agent's log to a handler, from where the subscription of this name was left, then as news comes.
    /// See <see cref="TavernNode.SubscribeAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting or the name is out of range.</exception>
    /// <exception cref="InvalidOperationException">A subscription of that name runs already.</exception>
    public Task<Subscription> SubscribeAsync(
        string name, Func<Cause, CancellationToken, Task> handle, SubscriptionOptions? options = null, CancellationToken cancellationToken = default) =>
        Node.SubscribeAsync(Id, name, handle, options, cancellationToken);

    /// <summary>The same with a handler that has nothing to wait for.</summary>
    /// <exception cref="ArgumentException">A setting or the name is out of range.</exception>
    /// <exception cref="InvalidOperationException">A subscription of that name runs already.</exception>
    public Task<Subscription> SubscribeAsync(string name, Action<Cause> handle, SubscriptionOptions? options = null, CancellationToken cancellationToken = default) =>
        SubscribeAsync(
            name,
            (cause, _) =>
            {
                handle(cause);
                return Task.CompletedTask;
            },
            options,
            cancellationToken);

    /// <summary>Why does an observer believe what it believes about a subject, and why does the subject's own account differ?</summary>
    /// <param name="observer">Who believes: a name or id.</param>
    /// <param name="subject">About whom.</param>
    /// <param name="field">Which field; by default what the subject does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DoorException">Somebody or the field is not known.</exception>
    public async Task<WhyReply> WhyAsync(string observer, string subject, string field = "state", CancellationToken cancellationToken = default) =>
        new(await SendAsync(new ExplainBelief(observer, subject, field), cancellationToken).ConfigureAwait(false));

    /// <summary>All agents, as this one sees them.</summary>
    public async Task<IReadOnlyList<AgentRow>> AgentsAsync(CancellationToken cancellationToken = default) =>
        (await SendAsync(new GetAgents(Id.ToString()), cancellationToken).ConfigureAwait(false)).Agents;

    /// <summary>All tasks, as this agent sees them.</summary>
    public async Task<IReadOnlyList<TaskLine>> TasksAsync(CancellationToken cancellationToken = default) =>
        (await SendAsync(new ListTasks(Id.ToString()), cancellationToken).ConfigureAwait(false)).Tasks;

    /// <summary>Any other question or action, as the <c>tavern</c> command sends it.</summary>
    /// <exception cref="DoorException">It was refused; the message says why and what to do.</exception>
    public Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken cancellationToken = default) =>
        _door.SendAsync(request, cancellationToken);

    /// <summary>Completes when the agent's log has more than so many events; returns how many it has.</summary>
    public async Task<long> WaitForNewsAsync(long longerThan, CancellationToken cancellationToken = default)
    {
        await Node.WaitForNewsAsync(Id, longerThan, cancellationToken).ConfigureAwait(false);
        return await Node.History.ReadAsync(reader => reader.LogLength(Id), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes when all agents that are known and not retired have the same events. Asks them now and then: nobody is told
    /// when others converge.</summary>
    public async Task WaitForConvergenceAsync(CancellationToken cancellationToken = default)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), Node.Options.Time); // quick to the eye, and light for the nodes that are asked
        while (!(await SendAsync(new GetConvergence(Id.ToString()), cancellationToken).ConfigureAwait(false)).Converged)
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes when the agent has heard who vouches for it: from then on it can write. At once but for newcomers.</summary>
    public Task WaitUntilVouchedAsync(CancellationToken cancellationToken = default) => Node.WaitUntilVouchedAsync(Id, cancellationToken);

    /// <summary>Ends its subscriptions, stops within about a second, and lets go of the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_api is not null) await _api.DisposeAsync().ConfigureAwait(false);
        await Node.DisposeAsync().ConfigureAwait(false);
    }
}
