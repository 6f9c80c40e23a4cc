using System.Collections.Immutable;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The steps of the schema of SQLite databases.</summary>
internal static class SqliteMigration
{
    /// <summary>All steps this version knows, by number.</summary>
    public static ImmutableArray<StoreMigration> All { get; } = StoreMigration.Load("sqlite");
}
