using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The terms of one tavern's clocks (<see cref="Fingerprint"/>).</summary>
/// <param name="tavern">The tavern's id.</param>
/// <param name="withoutHeadHash">True to leave out heads' hashes, to see that tests notice (<see cref="EngineMutations"/>). Default false.</param>
internal sealed class ClockTerms(Hash tavern, bool withoutHeadHash = false)
{
    /// <summary>One entry's term; 0 for sequence 0.</summary>
    public UInt128 Of(ChainId chain, long sequence, Hash headHash) => Fingerprint.Term(tavern, chain, sequence, withoutHeadHash ? default : headHash);
}
