using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>A handler over an agent's log with a durable position. Made by <see cref="TavernNode.SubscribeAsync"/>; runs until it is
/// disposed or its node stops. Safe for concurrent use.</summary>
public sealed class Subscription : IAsyncDisposable
{
    private readonly TavernNode _node;
    private readonly SubscriptionProgress _progress;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Action<Subscription> _ended;
    private readonly Task _running;

    internal Subscription(
        TavernNode node, AgentId agent, string name, SubscriptionProgress progress, Func<CancellationToken, Task> run, Action<Subscription> ended)
    {
        (_node, Agent, Name, _progress, _ended) = (node, agent, name, progress, ended);
        var stopping = _stopping.Token;
        _running = Task.Run(() => RunAsync(run, stopping), CancellationToken.None); // a handler that does not await holds up nobody
    }

    /// <summary>Whose log, and who writes what is emitted.</summary>
    public AgentId Agent { get; }

    /// <summary>Its name, unique per agent.</summary>
    public string Name { get; }

    /// <summary>How it stands now.</summary>
    public SubscriptionStatus Status => _progress.Status;

    /// <summary>Completes when the agent's log holds an event and this subscription is past it: its effects in the log, if it had any,
    /// are committed.</summary>
    /// <exception cref="SubscriptionStoppedException">It stopped before that, or has ended.</exception>
    public async Task WaitUntilHandledAsync(EventId id, CancellationToken cancellationToken = default)
    {
        await _node.WaitUntilDeliveredAsync(Agent, id, cancellationToken).ConfigureAwait(false);
        var run = await _node.Store.FindRunAsync(Agent, id, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"The log of {Agent} covers {id}, and its store has no run for it.");
        var position = run.Position + (id.Sequence - run.First);
        while (true)
        {
            var (status, changed) = _progress.Look();
            if (status.Seen >= position) return;
            if (status.State is SubscriptionState.Stopped stopped) throw new SubscriptionStoppedException(Name, stopped);
            if (status.State is SubscriptionState.Ended) throw new SubscriptionStoppedException(Name);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when the handler threw too often on some cause; returns how it stands then.</summary>
    /// <exception cref="SubscriptionStoppedException">It has ended.</exception>
    public async Task<SubscriptionState.Stopped> WaitUntilStoppedAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var (status, changed) = _progress.Look();
            if (status.State is SubscriptionState.Stopped stopped) return stopped;
            if (status.State is SubscriptionState.Ended) throw new SubscriptionStoppedException(Name);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Longest reason of a skip, in characters: a paragraph.</summary>
    public const int ReasonCharsMax = 2000;

    /// <summary>Lets it go on behind the cause it stopped on. A <see cref="SubscriptionSkipped"/> in the agent's log says so, committed
    /// together with the step. Returns when it has been decided; <see cref="WaitUntilHandledAsync"/> tells when it is done.</summary>
    /// <param name="cause">The event it stopped on.</param>
    /// <param name="reason">Why, for those who read the log; at most <see cref="ReasonCharsMax"/> characters, null for nothing.</param>
    /// <exception cref="ArgumentException">The reason is too long.</exception>
    /// <exception cref="InvalidOperationException">It is not stopped on that event.</exception>
    public void Skip(EventId cause, string? reason = null)
    {
        if (reason?.Length > ReasonCharsMax)
            throw new ArgumentException($"The reason has {reason.Length} characters; expected at most {ReasonCharsMax}.", nameof(reason));
        Decide(cause, new Intervention.Skip(reason));
    }

    /// <summary>Hands the cause it stopped on to the handler again, as often as the first time.</summary>
    /// <param name="cause">The event it stopped on.</param>
    /// <exception cref="InvalidOperationException">It is not stopped on that event.</exception>
    public void Retry(EventId cause) => Decide(cause, new Intervention.Retry());

    /// <summary>Ends it: cancels the handler, waits for it, and commits where it stands.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private void Decide(EventId cause, Intervention intervention)
    {
        if (_progress.TryDecide(cause, intervention)) return;
        throw new InvalidOperationException(
            $"The subscription '{Name}' is not stopped on {cause}: it is {_progress.Status.State}. Look again; only the event it is stopped on can be skipped or retried.");
    }

    private async Task RunAsync(Func<CancellationToken, Task> run, CancellationToken stopping)
    {
        try
        {
            await run(stopping).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // handlers' failures are caught where they are called: this is our bug, and the process ends instead of limping on
        catch (Exception e)
#pragma warning restore CA1031
        {
            _node.Options.EndProcess($"Tavern node: unexpected failure in the subscription '{Name}', a bug; ending the process. {e.Message}", e);
        }
        finally
        {
            _progress.End();
            _ended(this);
        }
    }
}
