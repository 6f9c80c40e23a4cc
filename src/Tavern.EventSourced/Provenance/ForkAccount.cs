using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Provenance;

/// <summary>What an agent's view holds about one forked chain of a subject.</summary>
/// <param name="Epoch">The chain's epoch.</param>
/// <param name="LastShared">The last sequence that all its lines share, 0 for none. What lies above is quarantined.</param>
/// <param name="Quarantined">How many events that are.</param>
/// <param name="Proof">The <c>ForkDetected</c> that shows two records of one place; null while the view holds none.</param>
public sealed record ForkAccount(int Epoch, long LastShared, long Quarantined, EventId? Proof = null)
{
    /// <summary>What a view holds about the forks of an agent, by epoch; none for an agent it does not know.</summary>
    public static ImmutableArray<ForkAccount> Of(TavernView view, AgentId subject) => view.Agents.TryGetValue(subject, out var agent)
        ? [.. agent.Forks.Values.Where(fork => fork.LastShared is not null)
            .Select(fork => new ForkAccount(fork.Epoch, fork.LastShared!.Value, fork.Quarantined, fork.Proof?.DecidedBy))]
        : [];
}
