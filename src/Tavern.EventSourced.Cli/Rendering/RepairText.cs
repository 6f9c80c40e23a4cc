using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Checking;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What a repair did.</summary>
internal static class RepairText
{
    /// <summary>What came back first, then what did not, then what a check finds now.</summary>
    public static void Show(Terminal terminal, RepairAnswer answer)
    {
        terminal.Line(answer.Changed ? Styled.Good($"Repaired {answer.DataFolder}.") : Styled.Doubtful($"Nothing was changed in {answer.DataFolder}."));
        var rows = new Columns();
        if (answer.Fetched.Count > 0) rows.Add(Styled.Faint("fetched"), $"{string.Join(", ", answer.Fetched)} from {answer.Peer}, every hash and signature checked");
        if (answer.Lacking.Count > 0) rows.Add(Styled.Faint("lacking"), string.Join(", ", answer.Lacking));
        if (answer.Kept is { } kept) rows.Add(Styled.Faint("kept"), $"the damaged database, as {kept}");
        rows.WriteTo(terminal, "  ");
        foreach (var note in answer.Notes) terminal.Line("  ", note);
        FsckText.Show(terminal, answer.After);
    }
}
