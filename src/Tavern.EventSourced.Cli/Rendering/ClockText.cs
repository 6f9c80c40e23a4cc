using System.Globalization;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A vector clock.</summary>
internal static class ClockText
{
    /// <summary>One line per chain, then what waits.</summary>
    public static void Show(Terminal terminal, ClockAnswer answer)
    {
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        var rows = new Columns("AGENT", "EPOCH", "HEAD", "WRITTEN", "HASH");
        foreach (var entry in answer.Entries)
            rows.Add(entry.Agent.Name, entry.Epoch.ToString(CultureInfo.InvariantCulture), entry.Head.Name, Ages.Date(entry.At), Styled.Faint(entry.Hash[..12]));
        rows.WriteTo(terminal);
        foreach (var held in answer.HeldBack)
            terminal.Line(Styled.Doubtful("! "), $"{RangeText.Of(held.Events)} arrived from {held.From.Name} and waits for {held.Missing.Name}");
    }
}
