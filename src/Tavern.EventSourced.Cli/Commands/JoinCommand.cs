using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern join</c>: makes the data folder of a newcomer from its invitation.</summary>
internal static class JoinCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var file = Arg.Required("file", "The invitation, as 'tavern spawn NAME --invite FILE' or 'tavern rekey NAME' wrote it.");
        var store = StoreOption.Create();
        var command = new CliCommand("join", "Enter a tavern with an invitation.", "join gandalf.invitation", "join gandalf.invitation --data ./gandalf")
        {
            Arguments = { file },
            Options = { store },
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var path = host.Environment.FullPath(parse.GetRequiredValue(file));
            if (!File.Exists(path))
                throw new CliException(ExitCode.NotFound, $"There is no file {path}.", "an invitation, as a member's node writes it", "tavern spawn gandalf --invite gandalf.invitation");
            var invitation = Invitation.Read(path);
            var folder = settings.Data ?? FolderOf(host.Environment, invitation);
            if (invitation.Rekeyed is null) DataFolders.New(folder); // with a new key an agent comes back to its own

            var comesBack = invitation.Rekeyed is null && KeyFolder.Open(settings.Keys).Holds(invitation.Agent);
            using var change = StoreOption.Begin(folder, StoreOption.Read(parse.GetValue(store), invitation.Name));
            var agent = await TavernFounding.JoinAsync(folder, settings.Keys, invitation, host.Time, cancellationToken);
            change.Keep();
            CurrentTavern.Write(host.Environment, folder);
            host.Show(settings.Output, new FoundedAnswer(invitation.TavernName, agent.ToString(), invitation.Name, folder, settings.Keys), Show);
            if (comesBack)
                host.Terminal.Note(Styled.Doubtful("! "), $"{invitation.Name} was here before: its key is in the keys folder. It gets back what others have, and goes on in a new epoch. If its old data folder still exists, run that one instead, and not this one: of two copies only the later one may write.");
            var isKept = Path.GetDirectoryName(path) == Path.TrimEndingDirectorySeparator(settings.Keys); // beside the key that it holds
            if (settings.Output is OutputFormat.Text && !isKept)
                host.Terminal.Note(Styled.Faint($"  The invitation holds {invitation.Name}'s private key, which is in the keys folder now: "), Styled.Command($"rm {ShellWord.Of(path)}"));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    // Both names are another's words: with a / in them they would lead to any folder.
    private static string FolderOf(CliEnvironment environment, Invitation invitation) =>
        environment.DataFolderOf($"{Names.Require(invitation.TavernName, "a tavern")}-{Names.Require(invitation.Name, "an agent")}");

    private static void Show(Terminal terminal, FoundedAnswer answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.Name), $" has a place in {answer.TavernName}.");
        var rows = new Columns();
        rows.Add(Styled.Faint("data"), answer.DataFolder);
        rows.Add(Styled.Faint("keys"), answer.KeysFolder);
        rows.WriteTo(terminal, "  ");
        Hints.Write(terminal, ("tavern node", "run it; it hears everything from whoever invited it"), ("tavern status", "then look, in a second terminal"));
    }
}
