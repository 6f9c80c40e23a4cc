using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>What <c>tavern</c> alone shows: somebody is here for the first time, or has forgotten a name.</summary>
internal static class FirstScreen
{
    /// <summary>Writes it.</summary>
    public static void Write(Terminal terminal, string? currentTavern)
    {
        terminal.Line(Styled.Strong("tavern"), ": agents with logs that survive, and the answer to \"why do these two disagree?\"");
        terminal.Line();
        var rows = new Columns();
        rows.Add("  See it work, on this machine, in a few seconds:", Styled.Command("tavern demo"));
        if (currentTavern is null)
        {
            rows.Add("  Found a tavern of your own:", Styled.Command("tavern init prancing-pony"));
            rows.Add("  Enter one you were invited to:", Styled.Command("tavern join gandalf.invitation"));
        }
        else
        {
            rows.Add("  Look around in the current tavern:", Styled.Command("tavern status"));
            rows.Add("  Ask why two agents differ:", Styled.Command("tavern why OBSERVER SUBJECT"));
        }

        rows.Add("  Everything else:", Styled.Command("tavern --help"));
        rows.WriteTo(terminal);
        if (currentTavern is null) return;
        terminal.Line();
        terminal.Line(Styled.Faint($"  The current tavern's data is in {currentTavern}."));
    }
}
