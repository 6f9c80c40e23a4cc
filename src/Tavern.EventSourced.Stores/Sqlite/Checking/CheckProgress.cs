namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>How far a check or a rebuilding is.</summary>
/// <param name="Step">What is done now, for people.</param>
/// <param name="Done">Records done.</param>
/// <param name="Total">Records in all; 0 when that is not known.</param>
public readonly record struct CheckProgress(string Step, long Done, long Total);
