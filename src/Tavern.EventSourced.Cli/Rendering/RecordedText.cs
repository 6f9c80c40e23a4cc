using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Who in a recorded history had heard one of its events.</summary>
internal static class RecordedText
{
    private const int RowsMax = 8; // of those who had, and of those who had not: together less than a screen

    /// <summary>The count and what proves it, then who, then what nobody can know.</summary>
    public static void Show(Terminal terminal, RecordedAudience audience)
    {
        var others = audience.HeardCount + audience.NotHeardCount;
        terminal.Line($"  by the record, {audience.File} ({audience.Format}), ", others == 0
            ? "there was nobody else to hear it"
            : $"{audience.HeardCount} of {others} {(others == 1 ? "other" : "others")} had heard it: {ProofOf(audience.Format)}");
        var rows = new Columns();
        foreach (var (agent, since) in audience.Heard.Take(RowsMax)) rows.Add(agent.Name, $"since {since.Name} at the latest");
        AddRest(rows, audience.HeardCount, "had heard it");
        foreach (var agent in audience.NotHeard.Take(RowsMax)) rows.Add(agent.Name, Styled.Doubtful("never, as far as the record shows"));
        AddRest(rows, audience.NotHeardCount, "never, as far as the record shows");
        rows.WriteTo(terminal, "    ");
        if (!audience.Complete) terminal.Line(Styled.Doubtful("    part of the record is not here yet and may show more"));
        if (others > 0) terminal.Line(Styled.Faint("    who told whom, and when, is UNKNOWN"));
    }

    private static void AddRest(Columns rows, int count, string what)
    {
        if (count > RowsMax) rows.Add(Styled.Faint($"and {count - RowsMax} more"), Styled.Faint($"{what}; --json names {Math.Min(count, RecordedAudience.ListMax)}"));
    }

    private static string ProofOf(string format) => format switch
    {
        "who-and-when" => "in a group chat whoever speaks has heard what was said before",
        "shiviz" => "its vector clocks say what came before what",
        _ => "it says what came before what",
    };
}
