using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A data folder was made: for a new tavern, or for a newcomer.</summary>
/// <param name="TavernName">The tavern.</param>
/// <param name="Agent">The agent's id.</param>
/// <param name="Name">The agent's name.</param>
/// <param name="DataFolder">Where its log is.</param>
/// <param name="KeysFolder">Where its key is.</param>
internal sealed record FoundedAnswer(string TavernName, string Agent, string Name, string DataFolder, string KeysFolder) : Answer;
