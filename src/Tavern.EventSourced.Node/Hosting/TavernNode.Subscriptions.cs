using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

// Handlers over the logs of hosted agents, with durable positions.
public sealed partial class TavernNode
{
    private readonly SubscriptionBoard _subscriptions = new();

    /// <summary>The subscriptions that run in this process, by agent and name.</summary>
    public IReadOnlyList<Subscription> Subscriptions => _subscriptions.All;

    /// <summary>Hands an agent's log to a handler, event by event, in the order in which the agent delivered them: from where the
    /// subscription was left, then as news comes. What the handler emits is committed together with the step past the event, so in
    /// the log each cause has its effects once, whatever crashes. A handler that throws gets the event again, a bounded number of
    /// times; then the subscription stops on it and says so, and everything else goes on.</summary>
    /// <param name="agent">A hosted agent: its log is handled, and it writes what is emitted.</param>
    /// <param name="name">Names the position; 1 to 255 characters, unique per agent.</param>
    /// <param name="handle">Called for one event at a time. It should heed its token, which says that the subscription ends; it must not
    /// dispose its own subscription, which waits for it.</param>
    /// <param name="options">What it handles; null for everything but the agent's own events, from the beginning.</param>
    /// <param name="cancellationToken">Gives up before it has begun; one that does not begin at the beginning commits where it does, and waits
    /// while the store cannot.</param>
    /// <returns>The running subscription.</returns>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    /// <exception cref="ArgumentException">A setting or the name is out of range, or it shall begin past the end of the log.</exception>
    /// <exception cref="InvalidOperationException">A subscription of that name runs here.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read, or the node stops.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only.</exception>
    public async Task<Subscription> SubscribeAsync(
        AgentId agent, string name, Func<Cause, CancellationToken, Task> handle, SubscriptionOptions? options, CancellationToken cancellationToken)
    {
        Require(agent);
        HandledUpTo.RequireName(name);
        var settings = options ?? new SubscriptionOptions();
        settings.Validate();
        _subscriptions.Reserve(agent, name);
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _subscriptions.Ending);
        try
        {
            var cursor = new SubscriptionCursor(this, agent, name);
            await cursor.OpenAsync(settings.Start, opening.Token).ConfigureAwait(false);
            var progress = new SubscriptionProgress(agent, name);
            progress.Saw(cursor.Position, cursor.Position);
            var runner = new SubscriptionRunner(this, agent, name, new SubscriptionFeed(this, agent, settings), cursor, new Handler(handle, settings, Options.Time, progress), progress);
            var running = new Subscription(this, agent, name, progress, runner.RunAsync, ended => _subscriptions.Remove(ended.Agent, ended.Name));
            await _subscriptions.AddAsync(running).ConfigureAwait(false);
            return running;
        }
        catch (OperationCanceledException e) when (_subscriptions.Ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _subscriptions.Remove(agent, name);
            throw new StoreUnavailableException($"The node is stopping; the subscription '{name}' does not begin. Start the node again.", e);
        }
        catch
        {
            _subscriptions.Remove(agent, name);
            throw;
        }
    }

    /// <summary>A running subscription; null when none of that name runs in this process.</summary>
    public Subscription? FindSubscription(AgentId agent, string name) => _subscriptions.Find(agent, name);

    /// <summary>Completes when a hosted agent's log covers an event.</summary>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only: nothing new will come.</exception>
    public async Task WaitUntilDeliveredAsync(AgentId holder, EventId id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (delivered, length) = await History.ReadAsync(
                reader => (reader.HasDelivered(holder, id), reader.LogLength(holder)), cancellationToken).ConfigureAwait(false);
            if (delivered) return;
            await WaitForNewsAsync(holder, length, cancellationToken).ConfigureAwait(false);
        }
    }
}
