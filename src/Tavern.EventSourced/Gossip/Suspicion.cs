using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>A suspicion that runs out unless it is refuted: late when one agent alone says so, early when several found the same
/// independently (Lifeguard, Dadgar 2018: "LHA-Suspicion").</summary>
internal sealed class Suspicion(AgentId by, TimeSpan since, TimeSpan shortest, int confirmationsWanted)
{
    /// <summary>Confirmations that count at most.</summary>
    public const int ConfirmationsMax = 3;

    private const int LongestFactor = 6; // of the shortest: the default of memberlist
    private static readonly double[] Shares = [0, 0.5, 0.79, 1]; // log(confirmations + 1) / log(4): how far from the longest to the shortest

    private readonly SortedSet<AgentId> _by = [by];

    /// <summary>When it runs out.</summary>
    public TimeSpan Deadline
    {
        get
        {
            var confirmations = _by.Count - 1;
            var share = confirmations >= confirmationsWanted ? 1 : Shares[confirmations];
            return since + shortest * (LongestFactor - (LongestFactor - 1) * share);
        }
    }

    /// <summary>Somebody says the same. True when that is news and still counts.</summary>
    public bool Confirm(AgentId other) => _by.Count <= confirmationsWanted && _by.Add(other);

    /// <summary>Somebody says that it has run out already.</summary>
    public void ConfirmAll() => confirmationsWanted = 0;
}
