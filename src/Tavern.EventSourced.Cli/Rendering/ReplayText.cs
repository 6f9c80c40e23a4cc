using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>How a replay went.</summary>
internal static class ReplayText
{
    /// <summary>The verdict first.</summary>
    public static void Show(Terminal terminal, ReplayAnswer answer)
    {
        terminal.Line(answer.Verified
            ? Styled.Good($"Verified: {answer.Events} events of {answer.Chains} chains in {Ages.Of(answer.Seconds)}; every hash, link and cause holds, and the view is the same.")
            : Styled.Bad($"Not verified: {answer.Events} events of {answer.Chains} chains."));
        foreach (var fault in answer.Faults) terminal.Line("  ", Styled.Bad("! "), fault);
        var rows = new Columns();
        rows.Add(Styled.Faint("replayed view"), answer.ViewHash);
        rows.Add(Styled.Faint("live view"), answer.LiveViewHash);
        rows.WriteTo(terminal, "  ");
        var types = new Columns();
        foreach (var (type, count) in answer.ByType) types.Add(type, $"{count}");
        types.WriteTo(terminal, "  ");
        terminal.Line(Styled.Faint("  " + ReadingText.Of(answer.Reading)));
    }
}
