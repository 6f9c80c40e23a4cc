using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Chains that have forked.</summary>
internal static class ForksText
{
    private const int HashChars = 8; // what tells lines apart, and enough to type after #
    private const int BuiltOnMax = 4; // names in a line

    /// <summary>Each fork: where, since when and who showed it; its lines; what to do.</summary>
    public static void Show(Terminal terminal, ForksAnswer answer)
    {
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        if (answer.Forks.Count == 0) terminal.Line(Styled.Good("No chain has forked."));
        foreach (var fork in answer.Forks) Show(terminal, fork);
        if (answer.Forks.Count > 0) Hints.Write(terminal, ($"tavern show {answer.Forks[0].Lines[^1].First.Name}", "an event on one of the lines"), ("tavern status", "what else is not as it should be"));
    }

    private static void Show(Terminal terminal, ForkRow fork)
    {
        terminal.Line(
            Styled.Bad($"{fork.Agent.Name} wrote two records in one place"),
            $": number {fork.PartsAt}{(fork.Epoch == 1 ? "" : $" of epoch {fork.Epoch}")}, after {fork.LastShared?.Name ?? "nothing: the very first ones differ"}");
        terminal.Line(
            "  ",
            fork.ExposedBy is { } proof ? $"exposed by {proof.Agent.Name} in {proof.Name}, {Ages.Date(proof.At)}" : Styled.Doubtful("nobody has shown a proof of it here yet"),
            $"; {fork.Quarantined} events on {fork.Lines.Count} lines are quarantined: kept, shown, and no rule counts them");
        var rows = new Columns("LINE FROM", "HASH", "TO", "HASH", "EVENTS", "WRITTEN", "HEARD", "BUILT ON BY");
        foreach (var line in fork.Lines)
        {
            rows.Add(
                line.First.Name,
                Short(line.FirstHash),
                line.Head.Name,
                Short(line.HeadHash),
                $"{line.Events}",
                Ages.Date(line.HeadAt),
                line.Delivery is { From: { } from } heard ? $"from {from.Name} at {Ages.Clock(heard.At)}" : line.Delivery is null ? "-" : "own",
                line.BuiltOn.Count == 0 ? "nobody" : Names(line.BuiltOn));
        }

        rows.WriteTo(terminal, "  ");
        foreach (var step in fork.Next) terminal.Line("  do: ", step);
    }

    private static string Short(string hash) => hash.Length > HashChars ? hash[..HashChars] : hash;

    private static string Names(IReadOnlyList<EventRef> events) =>
        string.Join(", ", events.Take(BuiltOnMax).Select(one => one.Name)) + (events.Count <= BuiltOnMax ? "" : $" and {events.Count - BuiltOnMax} more");
}
