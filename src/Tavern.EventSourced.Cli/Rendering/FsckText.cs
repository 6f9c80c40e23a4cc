using System.Globalization;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What a check of a data folder found.</summary>
internal static class FsckText
{
    private const int BarCells = 24;

    /// <summary>The verdict first, then what was found and where, then what to do.</summary>
    public static void Show(Terminal terminal, FsckAnswer answer)
    {
        terminal.Line(answer.Sound
            ? Styled.Good($"Sound: {answer.Events} events of {answer.Chains} chains in {Ages.Of(answer.Seconds)}; every {(answer.Server is null ? "page, " : "")}hash, signature, cause, log and receipt holds.")
            : Styled.Bad($"Not sound: {answer.FindingsCount} {(answer.FindingsCount == 1 ? "finding" : "findings")} in {answer.Events} events of {answer.Chains} chains."));
        if (answer.Server is { } server) terminal.Line("  ", Styled.Faint($"in {server}; pg_amcheck checks the server's own pages"));
        foreach (var finding in answer.Findings) terminal.Line("  ", Styled.Bad("! "), Styled.Strong(WhereOf(finding)), "  ", finding.What);
        if (answer.FindingsCount > answer.Findings.Count) terminal.Line($"  and {answer.FindingsCount - answer.Findings.Count} more");
        foreach (var advice in answer.Findings.Select(finding => finding.Advice).Distinct()) terminal.Line("  do: ", Styled.Command(advice));
    }

    /// <summary>One line for a person who waits.</summary>
    public static string Progress(CheckProgress at)
    {
        if (at.Total <= 0) return $"{at.Step} ...";
        var cells = (int)Math.Min(BarCells, at.Done * BarCells / at.Total);
        return string.Create(CultureInfo.InvariantCulture, $"{at.Step} [{new string('#', cells)}{new string('.', BarCells - cells)}] {at.Done} of {at.Total}");
    }

    private static string WhereOf(FsckFinding finding) => string.Join(' ', new[] { finding.Table, finding.Place, finding.Name ?? finding.Events }.Where(part => !string.IsNullOrEmpty(part)));
}
