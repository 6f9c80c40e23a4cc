using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern rekey</c>: an ancestor gives an agent whose key was lost a new one.</summary>
internal static class RekeyCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var who = Arg.Required("agent", "Whose key was lost: an agent below the writer.");
        var invite = Arg.Option<string>("--invite", "FILE", "The invitation to write. Default: AGENT.invitation here.");
        var command = new CliCommand("rekey", "Give an agent whose key was lost a new one.", "rekey gandalf --as jake", "rekey gandalf --invite gandalf.invitation --as jake")
        {
            Arguments = { who },
            Options = { invite },
            Details = "The invitation holds the new private key: hand it over in secret, once. With it the agent joins\n" +
                "again, in an empty folder or in the one it had, and goes on in a new epoch with all that others have of it.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var lost = parse.GetRequiredValue(who);
            var file = host.Environment.FullPath(parse.GetValue(invite) ?? $"{Names.Require(lost, "an agent")}.invitation");
            using var place = NewInvitation.At(file);
            await using var door = await host.OpenAsync(settings, write: true, cancellationToken);
            var ancestor = await Writer.ResolveAsync(door, settings.As, cancellationToken);
            var invited = await door.SendAsync(new RekeyAgent(ancestor, lost), cancellationToken);
            host.Show(settings.Output, place.Write(invited, "was given a new key", "a disk with room; the invitation held that key", "rekey"), Show);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Terminal terminal, InvitationWritten answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.Agent.Name), $" has a new key; {answer.Parent.Name} says so ({answer.Event.Name}).");
        terminal.Line("  " + answer.File, Styled.Faint("  holds it: hand it over in secret, once"));
        var folder = ShellWord.Of("./" + answer.Agent.Name);
        Hints.Write(terminal, ($"tavern join {ShellWord.Of(answer.File)} --data {folder}", "where it shall live, or lives"), ($"tavern node --data {folder}", "there, then"));
    }
}
