namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>How a connection commits, read back from SQLite and not from what it was told.</summary>
/// <param name="JournalMode">The pragma of that name.</param>
/// <param name="Synchronous">The pragma of that name: 0 off, 1 normal, 2 full, 3 extra.</param>
internal readonly record struct SqliteDurability(string JournalMode, long Synchronous)
{
    /// <summary>One sync of the WAL at every commit: what was acknowledged survives power loss. Source: sqlite.org/pragma.html#pragma_synchronous.</summary>
    public const long Full = 2;
}
