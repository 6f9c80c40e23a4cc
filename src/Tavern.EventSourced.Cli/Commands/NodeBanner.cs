using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>What a node says once it answers.</summary>
internal static class NodeBanner
{
    // Names for the examples. A node that hosts all but one of them has no need of examples.
    private static readonly string[] Newcomers = ["gandalf", "legolas", "frodo", "gimli", "newcomer1", "newcomer2"];

    /// <summary>Writes it; as JSON for whoever started the node and reads its output.</summary>
    public static void Show(CommandHost host, CliSettings settings, TavernNode node, Uri api, IReadOnlyList<UnheardAgent> unheard)
    {
        var hosted = TavernFile.Read(node.Options.DataFolder).Hosted.ToDictionary(name => name.Agent, name => name.Name);
        var agents = node.Hosted.Select(agent => hosted.GetValueOrDefault(agent) ?? agent.ToString()).ToList();
        var up = new NodeUp(node.TavernName, node.Tavern.ToString(), agents, AddressOf(api), node.GossipAddress is { } gossip ? AddressOf(gossip) : null, node.Options.DataFolder, System.Environment.ProcessId, unheard);
        host.Show(settings.Output, up, (terminal, answer) => ShowText(terminal, answer, IsCurrent(host, answer.DataFolder)));
    }

    private static void ShowText(Terminal terminal, NodeUp up, bool current)
    {
        terminal.Line(Styled.Strong(up.TavernName), $" is open. ", Styled.Faint("Ctrl-C closes it."));
        var rows = new Columns();
        rows.Add(Styled.Faint("agents here"), string.Join(", ", up.Agents));
        rows.Add(Styled.Faint("API"), up.Api);
        rows.Add(Styled.Faint("gossip"), up.Gossip ?? "-");
        rows.Add(Styled.Faint("data"), up.DataFolder);
        rows.WriteTo(terminal, "  ");
        foreach (var newcomer in up.Unheard) terminal.Line(Styled.Bad("  ! "), $"{newcomer.Reason} {newcomer.Remedy}");
        var where = current || terminal.HintSuffix.Length > 0 ? "" : $" --data {ShellWord.Of(up.DataFolder)}";
        var who = up.Agents.Count > 1 ? $" --as {up.Agents[0]}" : "";
        var names = Newcomers.Except(up.Agents).ToList();
        var (here, there) = (names[0], names[1]);
        Hints.Write(
            terminal,
            ($"tavern status{where}", "in a second terminal: who is here, do they agree"),
            ($"tavern report working{where}{who}", "say what you are doing"),
            ($"tavern spawn {here}{where}{who}", "a new agent on this node"),
            ($"tavern spawn {there} --invite {there}.invitation{where}{who}", "a new agent on another node"));
    }

    private static string AddressOf(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private static bool IsCurrent(CommandHost host, string folder) => CurrentTavern.Read(host.Environment) == folder;
}
