using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A node answers.</summary>
/// <param name="TavernName">The tavern's name.</param>
/// <param name="Tavern">Its id, 64 hexadecimal digits.</param>
/// <param name="Agents">Names of the agents it hosts.</param>
/// <param name="Api">Where its API is.</param>
/// <param name="Gossip">Where other nodes reach it.</param>
/// <param name="DataFolder">Its data.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Unheard">Those of its agents that cannot write yet.</param>
internal sealed record NodeUp(
    string TavernName, string Tavern, IReadOnlyList<string> Agents, string Api, string? Gossip, string DataFolder, int Pid, IReadOnlyList<UnheardAgent> Unheard) : Answer;
