using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>What a check of a data folder found.</summary>
/// <param name="TavernName">The tavern's name; empty when tavern.json cannot be read.</param>
/// <param name="DataFolder">The folder.</param>
/// <param name="Sound">True when nothing was found.</param>
/// <param name="Events">Records that were checked.</param>
/// <param name="Chains">Chains they belong to.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="FindingsCount">How many findings there are; more than are listed when a limit was reached.</param>
/// <param name="Findings">The first ones.</param>
/// <param name="Server">The server and schema that hold the log; null for the folder. Its pages are its own to check.</param>
public sealed record FsckAnswer(
    string TavernName, string DataFolder, bool Sound, long Events, int Chains, double Seconds, long FindingsCount, IReadOnlyList<FsckFinding> Findings,
    string? Server) : Answer;

/// <summary>One thing that does not hold.</summary>
/// <param name="Table">The table or file.</param>
/// <param name="Place">Which row; empty for the whole.</param>
/// <param name="Events">The events concerned, e.g. <c>dba17a045f8792ac5d9a642f0f100fba:3..5</c>; null for none.</param>
/// <param name="Name">The same with the agent's name; null for none.</param>
/// <param name="What">What was found and what was expected.</param>
/// <param name="Advice">What to do.</param>
public sealed record FsckFinding(string Table, string Place, string? Events, string? Name, string What, string Advice);
