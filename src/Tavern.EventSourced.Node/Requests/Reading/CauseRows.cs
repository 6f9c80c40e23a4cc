using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Trees of causes in the words of answers.</summary>
internal static class CauseRows
{
    private const int LinesMax = 1000; // more than anybody reads; each costs reading a record

    /// <summary>Checks what a request says of a tree's size.</summary>
    /// <exception cref="RefusedException">It is out of range.</exception>
    public static void Require(int? depth, int limit)
    {
        if (depth < 1) throw RefusedException.Invalid($"The depth is {depth}; expected 1 or more, or none for all.");
        if (limit is < 1 or > LinesMax) throw RefusedException.Invalid($"The limit is {limit}; expected 1 to {LinesMax}.");
    }

    /// <summary>The answer.</summary>
    public static CausesAnswer Answer(Witness witness, EventId root, CauseTree tree, bool texts) => new(
        witness.Of(witness.Observer),
        witness.Brief(root, texts),
        [.. tree.Lines.Select(line => new CauseRow(line.Depth, witness.Of(line.Of), witness.Brief(line.Event, texts), WordOf(line.Standing), line.Again, line.More))],
        tree.Lines.Select(line => line.Event).Distinct().Count(),
        tree.Complete);

    private static string WordOf(CauseStanding standing) => standing switch
    {
        CauseStanding.Reason => "reason",
        CauseStanding.NotBefore => "not-before",
        _ => "unknown",
    };
}
