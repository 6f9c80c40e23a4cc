using MediatR;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>How far an agent's subscriptions have handled its log.</summary>
/// <param name="Agent">Whose; its log must be here.</param>
public sealed record ListSubscriptions(string Agent) : IRequest<SubscriptionsAnswer>;

/// <summary>An agent's subscriptions, by name.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="LogLength">How many events its log has.</param>
/// <param name="Subscriptions">One line each.</param>
public sealed record SubscriptionsAnswer(AgentRef Agent, long LogLength, IReadOnlyList<SubscriptionLine> Subscriptions) : Answer;

/// <summary>A subscription.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">Place in the log up to which everything is handled, as committed.</param>
/// <param name="Emitted">The last event that was committed with a step of it; null when the last step emitted none.</param>
/// <param name="State"><c>running</c>, <c>retrying</c> or <c>stopped</c> when its handler runs in the node's process; <c>held</c> when
/// only its position is here, because its handler is a client's or is not running.</param>
/// <param name="Cause">The event that its handler fails on; null for none.</param>
/// <param name="Attempts">How often it was tried; 0 for none.</param>
/// <param name="Error">What the handler said last; null for nothing.</param>
/// <param name="Handled">Causes handled since the handler was started; 0 when none runs here.</param>
/// <param name="MeanSeconds">Time per cause, handler and commit together; null when none was handled.</param>
/// <param name="MaxSeconds">The longest that one cause took; null when none was handled.</param>
public sealed record SubscriptionLine(
    string Name,
    long Position,
    EventRef? Emitted,
    string State,
    EventRef? Cause,
    int Attempts,
    string? Error,
    long Handled,
    double? MeanSeconds,
    double? MaxSeconds);

internal sealed class ListSubscriptionsHandler(Observers observers) : IRequestHandler<ListSubscriptions, SubscriptionsAnswer>
{
    public async Task<SubscriptionsAnswer> Handle(ListSubscriptions request, CancellationToken cancellationToken)
    {
        var agent = await observers.ReadAsync(request.Agent, witness => witness.Observer, cancellationToken);
        return await ReadAsync(observers, agent, cancellationToken);
    }

    /// <summary>The answer about one agent.</summary>
    public static async Task<SubscriptionsAnswer> ReadAsync(Observers observers, AgentId agent, CancellationToken cancellationToken)
    {
        var held = new SortedDictionary<string, SubscriptionPosition>(StringComparer.Ordinal);
        await foreach (var position in observers.Node.Store.ReadPositionsAsync(agent, cancellationToken)) held.Add(position.Subscription, position);
        var running = observers.Node.Subscriptions.Where(subscription => subscription.Agent == agent)
            .Select(subscription => subscription.Status).ToDictionary(status => status.Name);
        foreach (var name in running.Keys) held.TryAdd(name, new SubscriptionPosition(agent, name, 0, null));
        return await observers.ReadAsync(
            agent,
            witness => new SubscriptionsAnswer(
                witness.Of(agent),
                witness.History.LogLength(agent),
                [.. held.Values.Select(position => Line(witness, position, running.GetValueOrDefault(position.Subscription)))]),
            cancellationToken);
    }

    private static SubscriptionLine Line(Witness witness, SubscriptionPosition held, SubscriptionStatus? running)
    {
        var (state, cause, attempts, error) = running?.State switch
        {
            SubscriptionState.Running => ("running", (EventId?)null, 0, (string?)null),
            SubscriptionState.Retrying retrying => ("retrying", retrying.Cause, retrying.Attempts, retrying.Error),
            SubscriptionState.Stopped stopped => ("stopped", stopped.Cause, stopped.Attempts, stopped.Error),
            _ => ("held", null, 0, null),
        };
        return new SubscriptionLine(
            held.Subscription,
            held.Position,
            held.By is { } by ? witness.Of(by) : null,
            state,
            cause is { } failing ? witness.Of(failing) : null,
            attempts,
            error,
            running?.Handled ?? 0,
            running is { Handled: > 0 } ? running.HandlingTime.TotalSeconds / running.Handled : null,
            running is { Handled: > 0 } ? running.HandlingTimeMax.TotalSeconds : null);
    }
}
