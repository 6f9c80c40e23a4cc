using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>The root has a new key.</summary>
/// <param name="Agent">The root's id.</param>
/// <param name="Event">The event that gives it the key.</param>
/// <param name="DataFolder">Where its log is.</param>
/// <param name="KeysFolder">Where its new key is, beside the one before.</param>
internal sealed record RecoveredAnswer(string Agent, string Event, string DataFolder, string KeysFolder) : Answer;
