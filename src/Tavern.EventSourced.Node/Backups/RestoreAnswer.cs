using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>A backup was restored.</summary>
/// <param name="File">The backup.</param>
/// <param name="DataFolder">Where it is now.</param>
/// <param name="Store">Where its log is: a file, or a server and a schema.</param>
/// <param name="TavernName">The tavern's name.</param>
/// <param name="MadeAt">When the backup was taken.</param>
/// <param name="Events">How many events came back.</param>
/// <param name="KeysFolder">Where the agents' keys are looked for.</param>
/// <param name="KeysRestored">Names of the agents whose keys came out of the backup.</param>
/// <param name="KeysMissing">Names of the agents whose keys are neither there nor in the backup.</param>
/// <param name="LeasesMissing">Names of the agents of which nothing beside their key says which epochs they began after the backup.</param>
public sealed record RestoreAnswer(
    string File, string DataFolder, string Store, string TavernName, DateTimeOffset MadeAt, long Events, string KeysFolder, IReadOnlyList<string> KeysRestored,
    IReadOnlyList<string> KeysMissing, IReadOnlyList<string> LeasesMissing) : Answer;
