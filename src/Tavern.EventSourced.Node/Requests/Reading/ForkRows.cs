using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Forked chains as rows.</summary>
internal static class ForkRows
{
    private const int BuiltOnMax = 100; // a screen or two; effects and the log have the rest

    /// <summary>All forks at a witness's cut, by agent and epoch.</summary>
    public static IReadOnlyList<ForkRow> All(Witness witness) =>
        [.. ForkPoints.Of(witness.History.Causality, witness.Clock).LastShared.Select(last => Row(witness, last))];

    private static ForkRow Row(Witness witness, EventId last)
    {
        var (chain, events) = (last.Chain.Main, witness.History.Causality);
        var view = witness.View.Agents.GetValueOrDefault(chain.Agent);
        List<ForkLine> lines =
        [
            .. witness.Clock.Entries.Where(entry => entry.Chain.Main == chain && entry.Sequence > last.Sequence)
                .Select(entry => Line(witness, entry.Chain[Math.Max(events.FirstOf(entry.Chain), last.Sequence + 1)], entry.Chain[entry.Sequence])),
        ];
        return new ForkRow(
            witness.Of(chain.Agent),
            chain.Epoch,
            last.Sequence == 0 ? null : witness.Of(last),
            last.Sequence + 1,
            view?.Forks.GetValueOrDefault(chain.Epoch)?.Proof is { } proof ? witness.Brief(proof.DecidedBy, texts: false) : null,
            lines.Sum(line => line.Events),
            lines,
            [.. view?.Waiting ?? []],
            [.. NextOf(witness, chain, view)]);
    }

    private static ForkLine Line(Witness witness, EventId first, EventId head)
    {
        var history = witness.History;
        return new ForkLine(
            witness.Of(first),
            history.Record(first).Hash.ToString(),
            history.Causality.PredecessorOf(first) is { } before ? witness.Of(before) : null,
            witness.Of(head),
            history.Record(head).Hash.ToString(),
            witness.WrittenAt(head),
            head.Sequence - first.Sequence + 1,
            witness.Of(witness.BuiltOn(first).Where(built => built.Agent != first.Agent).Take(BuiltOnMax)),
            null);
    }

    private static IEnumerable<string> NextOf(Witness witness, ChainId chain, AgentView? view)
    {
        var name = witness.Sentences.Of(chain.Agent);
        if (!witness.Clock.Entries.Any(entry => entry.Chain.Agent == chain.Agent && entry.Chain.Epoch > chain.Epoch))
            yield return $"Somebody runs two copies of {name}, or its key is in other hands. Leave one copy running: it goes on in a new epoch, {chain.Epoch + 1}.";
        if (view is { Waiting.IsEmpty: false })
            yield return $"What {name} writes in epoch {string.Join(" and ", view.Waiting)} counts once somebody above it vouches for that: tavern endorse {name}";
    }
}
