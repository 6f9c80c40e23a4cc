using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>What to try in a second terminal while the story's tavern stays open. Every line works as it stands, from any folder.</summary>
internal static class Invitations
{
    /// <summary>Writes it.</summary>
    public static void Write(Terminal terminal, TavernExecutable tavern, Cast cast)
    {
        terminal.Line();
        terminal.Line(Styled.Strong("The tavern stays open."), " Paste into a second terminal:");
        Try("who is here, and do they agree?", "status", "--data", cast.Jake.Data);
        Try("cut Jake off from news ...", "gossip", "pause", "--data", cast.Jake.Data);
        Try("... let Gandalf say something ...", "report", "waiting", "for second breakfast", "--data", cast.Gandalf.Data, "--as", "gandalf");
        Try("... and ask why the two disagree", "why", "jake", "gandalf", "--data", cast.Frodo.Data);
        Try("let Jake hear the news again", "gossip", "resume", "--data", cast.Jake.Data);
        Try("what did Gandalf write, and who brought it to Frodo?", "log", "gandalf", "--data", cast.Frodo.Data);
        Try("follow Frodo's log", "tail", "--data", cast.Frodo.Data);
        terminal.Line();
        terminal.Line(Styled.Faint("   The five APIs: " + string.Join("  ", cast.All.Select(member => $"{member.Name} {member.Api}"))));
        terminal.Line(Styled.Faint("   Ctrl-C closes the tavern and ends all its processes."));

        void Try(string what, params ReadOnlySpan<string> words)
        {
            terminal.Line();
            terminal.Line(Styled.Faint("   # " + what));
            terminal.Line("   ", Styled.Command(tavern.CommandLine(words)));
        }
    }
}
