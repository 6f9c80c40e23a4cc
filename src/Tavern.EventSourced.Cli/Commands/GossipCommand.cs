using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern gossip</c>: pauses and resumes an agent's gossip.</summary>
internal static class GossipCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host) => new(
        "gossip",
        "Pause or resume an agent's gossip. Questions still pass.",
        "gossip pause --as jake  # with everybody",
        "gossip pause gandalf --as jake  # with Gandalf only",
        "gossip resume --as jake")
    {
        Subcommands = { Set(host, "pause", "Stop exchanging events.", paused: true), Set(host, "resume", "Exchange events again.", paused: false) },
    };

    private static CliCommand Set(CommandHost host, string name, string description, bool paused)
    {
        var peers = Arg.Many("peers", "With whom; by default everybody.");
        var command = new CliCommand(name, description, $"gossip {name} --as jake", $"gossip {name} gandalf legolas --as jake") { peers };
        host.Writes(command, (parse, agent) => new SetGossip(agent, paused, parse.GetValue(peers)), GossipText.Show);
        return command;
    }
}
