using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The terms of one tavern's clocks (<see cref="Fingerprint"/>).</summary>
/// <param name="start">Whose tavern, and whether heads' hashes are left out to see that tests notice.</param>
internal sealed class ClockTerms(EngineStart start)
{
    /// <summary>One entry's term; 0 for sequence 0.</summary>
    public UInt128 Of(ChainId chain, long sequence, Hash headHash) =>
        Fingerprint.Term(start.Tavern, chain, sequence, start.Mutations.WithoutHeadHash ? default : headHash);
}
