using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Whether the node of a data folder is ready.</summary>
/// <param name="Ready">True when it is.</param>
/// <param name="WaitsFor">What it waits for; null when it is ready.</param>
internal sealed record ReadyAnswer(bool Ready, string? WaitsFor) : Answer;
