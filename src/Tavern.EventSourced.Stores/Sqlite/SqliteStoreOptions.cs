namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>How to open a <see cref="SqliteEventStore"/>.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The database file. It and its folder are created when they do not exist (0600 and 0700); SQLite's <c>-wal</c> and
    /// <c>-shm</c>, <c>owner.lock</c> and <c>owner.txt</c> are beside it. One store per folder, on a local disk.</summary>
    public required string Path { get; init; }

    /// <summary>What holds the store, for people, e.g. <c>tavern node at http://127.0.0.1:7420</c>. Default: "a process".</summary>
    public string Owner { get; init; } = "a process";

    /// <summary>Read what is committed, also while another process writes; take no lock, change and migrate nothing. Default: false.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>True when a log is known to have been here: a database that is missing or empty is then refused instead of made, because an
    /// agent that goes on with an empty log uses its numbers again. Default: false.</summary>
    public bool MustExist { get; init; }

    /// <summary>How long to wait for a foreign tool (a backup, a database shell) that locks the file. Default: 5 s, longer than a
    /// checkpoint or an online backup step takes.</summary>
    public TimeSpan BusyWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Says since when the owner holds the store. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The database may not outgrow this many pages: a full disk, for tests. Default: no limit.</summary>
    internal int? PagesMax { get; init; }

    /// <summary>What to ask of SQLite as <c>synchronous</c>: less than full, for a test that such a store is refused. Default: full.</summary>
    internal string Synchronous { get; init; } = "full";
}
