using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>How an agent's gossip stands.</summary>
internal static class GossipText
{
    /// <summary>One line, then how to end a pause.</summary>
    public static void Show(Terminal terminal, GossipAnswer answer)
    {
        var name = answer.Agent.Name;
        if (answer is { Paused: false, PausedPeers.Count: 0 })
        {
            terminal.Line(Styled.Good($"{name} gossips with everybody."));
            return;
        }

        terminal.Line(Styled.Doubtful(answer.Paused
            ? $"{name} gossips with nobody. Questions still pass."
            : $"{name} does not gossip with {string.Join(", ", answer.PausedPeers.Select(peer => peer.Name))}. Questions still pass."));
        Hints.Write(terminal, ($"tavern gossip resume --as {name}", "gossip with everybody again"));
    }
}
