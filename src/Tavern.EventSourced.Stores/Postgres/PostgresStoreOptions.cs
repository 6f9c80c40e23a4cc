namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>How to open a <see cref="PostgresEventStore"/>.</summary>
public sealed record PostgresStoreOptions
{
    /// <summary>Npgsql's connection string. It may hold a password; nothing here shows or keeps it. PgBouncer must pool sessions, not transactions.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The schema that holds this node's tables, made when it is missing: several nodes share a server, each with its own. 1 to 63 of
    /// <c>a</c> to <c>z</c>, <c>0</c> to <c>9</c> and <c>_</c>, no digit first.</summary>
    public required string Schema { get; init; }

    /// <summary>What holds the store, for people, e.g. <c>tavern node at http://127.0.0.1:7420</c>. Default: "a process".</summary>
    public string Owner { get; init; } = "a process";

    /// <summary>Read what is committed, also while another process writes; become no owner, change and migrate nothing. Default: false.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>True when a log is known to have been here: a schema that is missing or empty is then refused instead of made, because an
    /// agent that goes on with an empty log uses its numbers again. Default: false.</summary>
    public bool MustExist { get; init; }

    /// <summary>A folder whose lock says that a process of this machine works on it, as for a store within it. Default: none.</summary>
    public string? LockedFolder { get; init; }

    /// <summary>Says since when the owner holds the store. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
