using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Sees to it that every fork in the agent's log is exposed there: asks for the two records that prove it, and makes the event of them.
/// A chain that some delivered event exposes already is left alone.</summary>
internal sealed class ForkWatch(SegmentIntake intake, SegmentIndex index, DeliveredClock delivered)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10); // a driver that cannot read its store now may be able to then

    private readonly Dictionary<ChainId, TimeSpan> _asked = [];
    private readonly SortedDictionary<ChainId, ForkDetected> _proofs = [];

    /// <summary>True when there is something to write.</summary>
    public bool IsWaiting => _proofs.Keys.Any(chain => !IsExposed(chain));

    /// <summary>Two records for each fork that nothing exposes yet, to be read from the store.</summary>
    public IEnumerable<(EventId A, EventId B)> Unproven(TimeSpan now)
    {
        foreach (var chain in intake.Forked)
        {
            if (_proofs.ContainsKey(chain) || IsExposed(chain) || (_asked.TryGetValue(chain, out var asked) && now < asked + AskAgain)) continue;
            if (FirstDifference(chain) is not { } pair) continue;
            _asked[chain] = now;
            yield return pair;
        }
    }

    /// <summary>The segments that hold two such records were read.</summary>
    public void Prove(Segment a, Segment b, long sequence)
    {
        var (recordA, recordB) = (a.Records[(int)(sequence - a.First)], b.Records[(int)(sequence - b.First)]);
        _proofs[a.Chain.Main] = new ForkDetected(
            a.Chain.Agent, a.Chain.Epoch, sequence,
            recordA.HeaderBytes.ToArray(), a.Signature.ToArray(), recordB.HeaderBytes.ToArray(), b.Signature.ToArray());
    }

    /// <summary>What is to be written now; it is handed over once.</summary>
    public ImmutableArray<EventDraft> Take()
    {
        ImmutableArray<EventDraft> drafts = [.. _proofs.Where(proof => !IsExposed(proof.Key)).Select(proof => EventCatalogue.Draft(proof.Value))];
        _proofs.Clear();
        return drafts;
    }

    private bool IsExposed(ChainId chain) => index.ExposedBy(chain).Any(intake.Has);

    /// <summary>The two delivered records, by hash, at the lowest sequence at which lines part; null while they are not committed.</summary>
    private (EventId A, EventId B)? FirstDifference(ChainId chain)
    {
        var branches = index.BranchesOf(chain).Where(branch => delivered[branch] > 0).ToList();
        foreach (var first in branches.Select(branch => branch[index.FirstOf(branch)]).OrderBy(id => id.Sequence))
        {
            var before = index.PredecessorOf(first);
            var pair = branches.Select(branch => branch[first.Sequence])
                .Where(id => delivered.Has(id) && index.TryGetHash(id, out _) && index.PredecessorOf(id) == before)
                .OrderBy(id => index.TryGetHash(id, out var hash) ? hash : default).Take(2).ToArray();
            if (pair is [var a, var b]) return (a, b);
        }

        return null;
    }
}
