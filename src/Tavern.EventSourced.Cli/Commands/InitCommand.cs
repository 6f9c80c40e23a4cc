using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern init</c>: founds a tavern.</summary>
internal static class InitCommand
{
    private const string RootName = "jake"; // the Proprietor; a name is data, any other will do

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var name = Arg.Required("name", "The tavern's name: letters, digits, _ or -.");
        var store = StoreOption.Create();
        var command = new CliCommand("init", "Found a tavern: its first agent, its key, its data folder.", "init prancing-pony", "init prancing-pony --as barliman --data ./pony")
        {
            Arguments = { name },
            Options = { store },
            Details = "The first agent is the root: it vouches for the next ones. Its name is --as, by default jake.\nThe data goes to --data, by default a folder of the tavern's name under ~/.local/share/tavern.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var tavern = Names.Require(parse.GetRequiredValue(name), "a tavern");
            var root = Names.Require(settings.As ?? RootName, "an agent");
            var folder = DataFolders.New(settings.Data ?? host.Environment.DataFolderOf(tavern));

            using var change = StoreOption.Begin(folder, StoreOption.Read(parse.GetValue(store), root));
            var agent = await TavernFounding.FoundAsync(folder, settings.Keys, tavern, root, host.Time, cancellationToken);
            change.Keep();
            CurrentTavern.Write(host.Environment, folder);
            host.Show(settings.Output, new FoundedAnswer(tavern, agent.ToString(), root, folder, settings.Keys), Show);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Terminal terminal, FoundedAnswer answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.TavernName), $" is founded. Its first agent is {answer.Name}.");
        var rows = new Columns();
        rows.Add(Styled.Faint("data"), answer.DataFolder);
        rows.Add(Styled.Faint("keys"), answer.KeysFolder, Styled.Faint("who reads them can write as the agent; back them up apart"));
        rows.Add(Styled.Faint("recovery key"), KeyFolder.RecoveryFileOf(answer.KeysFolder, answer.Agent), Styled.Faint("move it offline: only it can replace a lost root key"));
        rows.WriteTo(terminal, "  ");
        Hints.Write(
            terminal,
            ("tavern node", "run it; leave it open and use a second terminal"),
            ("tavern status", "then look"),
            ("tavern report working", $"then say what {answer.Name} does"));
    }
}
