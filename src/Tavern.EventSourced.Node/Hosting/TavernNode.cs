using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>A node: the agents of one data folder, their store, and the gossip between them and other nodes. Safe for concurrent
/// use. Made by <see cref="StartAsync"/> or <see cref="OpenReadOnlyAsync"/>.</summary>
public sealed partial class TavernNode : IAsyncDisposable
{
    private readonly NodeParts _parts;
    private readonly Running? _running;
    private readonly Lazy<Task> _stopped;
    private readonly SemaphoreSlim _hosting = new(1, 1);
    private readonly SemaphoreSlim _importing = new(1, 1);
    private volatile TavernFile _file;

    private TavernNode(NodeOptions options, TavernFile file, NodeParts parts, Running? running)
    {
        (Options, _file, _parts, _running) = (options, file, parts, running);
        StartedAt = options.Time.GetUtcNow();
        _stopped = new Lazy<Task>(StopOnceAsync);
    }

    /// <summary>Its settings.</summary>
    public NodeOptions Options { get; }

    /// <summary>The tavern's id.</summary>
    public Hash Tavern => _file.Tavern;

    /// <summary>The tavern's name, for people.</summary>
    public string TavernName => _file.Name;

    /// <summary>True when it was opened for reading only.</summary>
    public bool IsReadOnly => _running is null;

    /// <summary>When it started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>The store. Commits are the node's alone.</summary>
    public IEventStore Store => _parts.Store;

    /// <summary>Logs, views and happens-before, as committed.</summary>
    public NodeHistory History => _parts.History;

    /// <summary>Where other nodes reach this one; null when it was opened for reading only.</summary>
    public Uri? GossipAddress => _running?.Address;

    /// <summary>Why the store cannot be written now; null while it can.</summary>
    internal string? StoreTrouble => _running?.Queue.StoreDown?.Message;

    /// <summary>The agents whose logs this node keeps.</summary>
    public IReadOnlyList<AgentId> Hosted => [.. _file.Hosted.Select(hosted => hosted.Agent)];

    /// <summary>The hosted agents that have not heard yet who vouches for them, so they cannot write.</summary>
    internal IEnumerable<HostedName> Unheard(HistoryReader reader) => _file.Hosted.Where(hosted => reader.VoucherOf(hosted.Agent, hosted.Agent) is null);

    /// <summary>Whom newcomers of this node call first.</summary>
    internal ImmutableArray<SeedAddress> Seeds => _file.Seeds;

    /// <summary>Writes events to a hosted agent's log, together and in order, and moves a subscription with them when told so. When the task completes they survive kill -9 and power
    /// loss, and readers see them.</summary>
    /// <returns>Their ids, in order.</returns>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    /// <exception cref="MalformedRecordException">A draft exceeds a limit. Nothing was written.</exception>
    /// <exception cref="AppendRefusedException">A condition does not hold, or nobody is known to vouch for the agent yet. Nothing was written.</exception>
    /// <exception cref="PositionMovedException">The subscription to move stands elsewhere. Nothing was written.</exception>
    /// <exception cref="IdempotencyConflictException">The key was used for other content. Nothing was written.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot commit, too much waits, or the node stops. The message says whether
    /// something may have been written.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only.</exception>
    public async ValueTask<ImmutableArray<EventId>> AppendAsync(
        AgentId agent, ImmutableArray<EventDraft> drafts, AppendConditions conditions, CancellationToken cancellationToken)
    {
        var running = Require(agent);
        if (drafts.IsDefault || (drafts.IsEmpty && conditions.Handled is null))
            throw new ArgumentException("An append holds at least one event, or moves a subscription; got neither.", nameof(drafts));
        if (drafts.IsEmpty && (conditions.IdempotencyKey is not null || conditions.ExpectedHead is not null))
            throw new ArgumentException("An append without events takes neither idempotency key nor expected head: its subscription moves once anyway.", nameof(conditions));
        conditions.Handled?.Validate();
        if (conditions.IdempotencyKey is { Length: 0 or > AppendConditions.KeyCharsMax })
            throw new ArgumentException($"An idempotency key has 1 to {AppendConditions.KeyCharsMax} characters.", nameof(conditions));
        foreach (var draft in drafts) draft.Validate();
        return await running.Appends.AppendAsync(agent, drafts, conditions, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A hosted agent's engine at this moment. Read-only, only the clock and the length of the log are known.</summary>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    public async ValueTask<EngineStatus> GetStatusAsync(AgentId agent, CancellationToken cancellationToken)
    {
        RequireHosted(agent);
        return await _parts.LookAsync(agent, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many hosted agents may not write yet, because their logs may be behind what others have heard.</summary>
    /// <exception cref="ObjectDisposedException">The node has stopped.</exception>
    internal async ValueTask<int> CountGuardedAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var agent in Hosted)
            if ((await GetStatusAsync(agent, cancellationToken).ConfigureAwait(false)).Guard.Phase is not GuardPhase.Open) count++;
        return count;
    }

    /// <summary>Stops a hosted agent's exchanges with these peers, or with all when none are named. Holds until resumed or restarted.</summary>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    public ValueTask PauseGossipAsync(AgentId agent, ImmutableArray<AgentId> peers, CancellationToken cancellationToken) =>
        SteerAsync(agent, new GossipInput.Pause(peers), cancellationToken);

    /// <summary>Undoes <see cref="PauseGossipAsync"/> for these peers, or for all when none are named.</summary>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    public ValueTask ResumeGossipAsync(AgentId agent, ImmutableArray<AgentId> peers, CancellationToken cancellationToken) =>
        SteerAsync(agent, new GossipInput.Resume(peers), cancellationToken);

    /// <summary>Asks agents about themselves, all at once. Hosted ones answer directly; answers of others are verified.</summary>
    /// <param name="asker">A hosted agent in whose name the question is asked.</param>
    /// <param name="whom">Whom to ask.</param>
    /// <param name="question">The question.</param>
    /// <param name="deadline">How long each may take.</param>
    /// <param name="cancellationToken">Gives up on all.</param>
    /// <returns>One reply per agent, in the order asked.</returns>
    /// <exception cref="AgentNotHostedException">The asker is hosted elsewhere.</exception>
    public async ValueTask<IReadOnlyList<AskReply>> AskAsync(
        AgentId asker, IReadOnlyList<AgentId> whom, AskQuestion question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        RequireHosted(asker);
        return await _parts.Asking.AskAsync(asker, whom, question, deadline, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes when a hosted agent's log has more than <paramref name="afterPosition"/> events.</summary>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only: nothing new will come.</exception>
    public Task WaitForNewsAsync(AgentId holder, long afterPosition, CancellationToken cancellationToken) =>
        Require(holder).News.WaitAsync(holder, afterPosition, cancellationToken);

    /// <summary>Completes when a hosted agent has heard who vouches for it: from then on it can write.</summary>
    /// <exception cref="AgentNotHostedException">The agent is hosted elsewhere.</exception>
    /// <exception cref="NodeReadOnlyException">The node was opened for reading only: nothing new will come.</exception>
    public async Task WaitUntilVouchedAsync(AgentId agent, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (vouched, length) = await History.ReadAsync(
                reader => (reader.VoucherOf(agent, agent) is not null, reader.LogLength(agent)), cancellationToken).ConfigureAwait(false);
            if (vouched) return;
            await WaitForNewsAsync(agent, length, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops within a second: lets waiting appends finish, ends gossip, closes the store.</summary>
    public Task StopAsync() => _stopped.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async ValueTask SteerAsync(AgentId agent, GossipInput input, CancellationToken cancellationToken) =>
        await Require(agent).Loop.AskAsync<bool>(done => new LoopInput.Steer(agent, input, done), cancellationToken).ConfigureAwait(false);

    private Running Require(AgentId agent)
    {
        RequireHosted(agent);
        return _running ?? throw new NodeReadOnlyException(Options.DataFolder);
    }

    private void RequireHosted(AgentId agent)
    {
        if (!_file.Hosted.Any(hosted => hosted.Agent == agent)) throw new AgentNotHostedException(agent);
    }

    private async Task StopOnceAsync()
    {
        await _subscriptions.DisposeAsync().ConfigureAwait(false);
        if (_running is not null) await _running.StopAsync().ConfigureAwait(false);
        await _parts.DisposeAsync().ConfigureAwait(false);
        _running?.Stopped();
        _hosting.Dispose();
        _importing.Dispose();
    }
}
