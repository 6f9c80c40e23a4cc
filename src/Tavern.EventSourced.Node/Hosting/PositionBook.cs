using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Where the subscriptions of all hosted agents stand, and which step of each is on its way. Decides before anything is
/// numbered: a step is never handed to the store that the store would refuse. One owner: the loop.</summary>
internal sealed class PositionBook
{
    private readonly Dictionary<(AgentId Agent, string Subscription), long> _positions = [];
    private readonly HashSet<(AgentId Agent, string Subscription)> _moving = [];

    /// <summary>True while a step is on its way.</summary>
    public bool IsMoving => _moving.Count > 0;

    /// <summary>Reads what the store holds.</summary>
    public static async Task<PositionBook> ReadAsync(IEventStore store, IEnumerable<HostedName> agents, CancellationToken cancellationToken)
    {
        var book = new PositionBook();
        foreach (var (agent, _) in agents)
            await foreach (var held in store.ReadPositionsAsync(agent, cancellationToken).ConfigureAwait(false))
                book._positions.Add((agent, held.Subscription), held.Position);
        return book;
    }

    /// <summary>Begins the step that an append asks for; returns why not, or null.</summary>
    public PositionMovedException? TryBegin(PendingAppend append, HandledUpTo handled, long logLength)
    {
        var key = (append.Agent, handled.Subscription);
        var exists = _positions.TryGetValue(key, out var position);
        if (_moving.Contains(key)) return Refused("another step of it is on its way.");
        if (handled.From is { } from && from != position) return Refused($"the append expected {from}.");
        if (handled.Position < position || (handled.Position == position && exists)) return Refused($"{handled.Position} is handled already.");
        if (handled.Position > logLength) return Refused($"{handled.Position} is past the log, which has {logLength} events.");
        _moving.Add(key);
        append.Step = new PositionStep(append.Agent, handled.Subscription, position, handled.Position, null);
        return null;

        PositionMovedException Refused(string detail) => new(append.Agent, handled.Subscription, position, detail);
    }

    /// <summary>The step of an append was committed, or nothing of the append will be.</summary>
    public void End(PendingAppend append, bool committed)
    {
        if (append.Step is not { } step) return;
        _moving.Remove((step.Agent, step.Subscription));
        if (committed) _positions[(step.Agent, step.Subscription)] = step.To;
    }
}
