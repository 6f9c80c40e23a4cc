using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>An exception, for whoever will look for the fault.</summary>
internal static class FaultText
{
    /// <summary>Beside the data: kind and message of each on one line, for a message may repeat what others wrote, then where it happened.</summary>
    public static void Write(Terminal terminal, Exception fault)
    {
        for (var at = fault; at is not null; at = at.InnerException)
        {
            terminal.Note(Styled.Faint($"    {(at == fault ? "" : "because of ")}{at.GetType()}: {at.Message}"));
            foreach (var line in (at.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)) terminal.Note(Styled.Faint("    " + line));
        }
    }
}
