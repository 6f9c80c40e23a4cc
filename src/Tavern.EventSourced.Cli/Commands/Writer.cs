using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Decides who writes.</summary>
internal static class Writer
{
    /// <summary>The agent named, or the only one that the node hosts.</summary>
    /// <exception cref="CliException">Nobody was named and the node hosts several, or none; or who would write cannot yet.</exception>
    public static async Task<string> ResolveAsync(IDoor door, string? named, CancellationToken cancellationToken)
    {
        if (named is not null) return named; // SuggestingDoor tells why a name is not known yet
        var agents = await door.SendAsync(new GetAgents(), cancellationToken);
        var hosted = agents.Agents.Where(row => row is { Hosted: true, Retired: false }).Select(row => row.Agent.Name).ToList();
        return hosted switch
        {
            [var only] => only,
            [] when agents.Unheard is [var newcomer, ..] => throw Unheard(newcomer),
            [] => throw new CliException(ExitCode.NotFound, "This node hosts no agent that can write.", "an agent on this node", "tavern agents"),
            _ => throw new CliException(
                ExitCode.Usage,
                "Who is writing? This node hosts several agents.",
                $"--as with one of {string.Join(", ", hosted)}",
                $"repeat the command with --as {hosted[0]}, or set TAVERN_AS"),
        };
    }

    /// <summary>Who would write has not heard who vouches for it.</summary>
    public static CliException Unheard(UnheardAgent newcomer) => new(ExitCode.Conflict, newcomer.Reason, newcomer.Expected, newcomer.Remedy);
}
