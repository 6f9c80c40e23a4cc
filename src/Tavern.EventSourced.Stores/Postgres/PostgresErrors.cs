using System.Net.Sockets;
using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>Turns what Npgsql throws into the store's exceptions, in plain words. Source: PostgreSQL manual, appendix A.</summary>
internal static class PostgresErrors
{
    /// <summary>What <c>require_owner</c> raises.</summary>
    public const string NotOwner = "TV001";

    /// <summary>There is no such table.</summary>
    public const string NoTable = "42P01";

    /// <summary>What a step raises that cannot be applied to this database.</summary>
    private const string CannotServe = "TV002";

    private const string Damage = "is damaged; restore it from a backup, or join with a new invitation under a new agent.";

    /// <summary>The exception for a failed call. A constraint or a misuse is a bug of ours and stays what it is.</summary>
    public static Exception ToException(PostgresAddress address, Exception e) => e switch
    {
        PostgresException { SqlState: NotOwner } fenced => Fenced(address, fenced.MessageText),
        PostgresException { SqlState: CannotServe } refused => new StoreRefusedException($"{address} cannot be made: {refused.MessageText}", e),
        PostgresException answer => Cause(answer.SqlState) is { } cause
            ? new StoreUnavailableException($"The store {address} {cause} PostgreSQL says: {answer.MessageText} ({answer.SqlState})", e)
            : e,
        NpgsqlException or SocketException or IOException or TimeoutException => new StoreUnavailableException(
            $"The store {address} does not answer: {e.Message} Check that the server runs and can be reached; the same batch may be tried again.", e),
        _ => e,
    };

    /// <summary>True for what <see cref="ToException"/> is meant for.</summary>
    public static bool IsFailure(Exception e) => e is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>True when the connection is gone, whatever the server does now.</summary>
    public static bool IsBroken(NpgsqlException e) => e is not PostgresException answer || answer.SqlState is "57P01" or "57P02";

    /// <summary>True when tables or pages are not what they should be: trying again does not help.</summary>
    public static bool IsDamage(Exception? e) => e is PostgresException { SqlState: "XX001" or "XX002" or NoTable or "42703" or "42883" or "3F000" };

    /// <summary>Somebody else owns the store.</summary>
    public static StoreFencedException Fenced(PostgresAddress address, string owner) =>
        new($"The store {address} is owned by {owner} now. This process must stop.");

    private static string? Cause(string state) => state switch
    {
        "53100" => "cannot grow: the server's disk is full. Free space; the same batch may be tried again.",
        "53200" => "cannot be used: the server is out of memory. The same batch may be tried again.",
        "53300" => "cannot be reached: the server has too many connections. Raise max_connections, or lower Maximum Pool Size.",
        "25006" => "may only be read: the server is a standby, or default_transaction_read_only is on. Name the primary.",
        "42501" => "may not be used by this role. Grant it what migrations/README.md names.",
        "57014" => "did not answer in time. The same batch may be tried again.",
        "XX001" or "XX002" or NoTable or "42703" or "42883" or "3F000" => Damage,
        _ => state[..2] switch
        {
            "28" => "cannot be reached: the server does not let this role in. Check user, password file (PGPASSFILE) and pg_hba.conf.",
            "3D" => "cannot be reached: there is no such database. Create it: createdb NAME.",
            "08" or "53" or "57" => "cannot be reached: the server stops, starts or is overloaded. The same batch may be tried again.",
            "40" or "55" => "is locked by another transaction. The same batch may be tried again.",
            "58" or "XX" => "cannot be read or written: the server's disk fails or is gone.",
            "26" or "0A" => "has forgotten a prepared statement: something between here and the server shares sessions. The same batch may be tried again.",
            _ => null,
        },
    };
}
