using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What was written.</summary>
internal static class WrittenText
{
    /// <summary>The event's name alone on the first line, so that a script can take it.</summary>
    public static void Show(Terminal terminal, WrittenAnswer answer)
    {
        terminal.Line(Styled.Strong(answer.Event.Name));
        terminal.Note(Styled.Faint($"  {answer.Type}, on disk. "), Styled.Command(Hints.WithTavern(terminal, $"tavern who-knows {answer.Event.Name}")), Styled.Faint(" shows how far it spread."));
    }
}
