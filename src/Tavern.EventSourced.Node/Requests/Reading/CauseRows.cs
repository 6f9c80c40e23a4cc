using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Trees of causes in the words of answers.</summary>
internal static class CauseRows
{
    private const int LinesMax = 1000; // more than anybody reads; each costs reading a record

    /// <summary>Walks from an event to what the function gives, and on.</summary>
    /// <exception cref="RefusedException">Depth or limit is out of range, or the event is not known.</exception>
    public static async Task<CausesAnswer> WalkAsync(
        Observers observers, string eventText, string? observer, int? depth, int limit, bool texts,
        Func<Witness, EventId, IEnumerable<(EventId, CauseStanding)>> nextOf, CancellationToken cancellationToken)
    {
        if (depth < 1) throw RefusedException.Invalid($"The depth is {depth}; expected 1 or more, or none for all.");
        if (limit is < 1 or > LinesMax) throw RefusedException.Invalid($"The limit is {limit}; expected 1 to {LinesMax}.");
        return await observers.ReadAsync(
            observer,
            witness =>
            {
                var root = witness.Event(eventText);
                return Answer(witness, root, CauseTree.Walk(root, id => nextOf(witness, id), depth ?? int.MaxValue, limit), texts);
            },
            cancellationToken);
    }

    private static CausesAnswer Answer(Witness witness, EventId root, CauseTree tree, bool texts) => new(
        witness.Of(witness.Observer),
        witness.Brief(root, texts),
        [.. tree.Lines.Select(line => new CauseRow(line.Depth, witness.Of(line.Of), witness.Brief(line.Event, texts), WordOf(line.Standing), line.Again, line.More))],
        tree.Lines.Select(line => line.Event).Distinct().Count(),
        tree.Complete);

    private static string WordOf(CauseStanding standing) => standing switch
    {
        CauseStanding.Reason => "reason",
        CauseStanding.NotBefore => "not-before",
        CauseStanding.Ambiguous => "ambiguous",
        _ => "unknown",
    };
}
