using System.Globalization;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>A store in a PostgreSQL server: whether it answers, what it promises, what the role may do, how much room there is for connections.</summary>
internal static class RemoteStoreCare
{
    private const int ConnectionsFreeMin = 10; // a writer, and readers while several people ask at once

    public static async Task<IReadOnlyList<DoctorLine>> LookAsync(StoreFile remote, TavernFile file, CancellationToken cancellationToken)
    {
        try
        {
            var look = await PostgresLook.AtAsync(remote.Connection, remote.Schema, cancellationToken).ConfigureAwait(false);
            return [Tables(remote, file, look), Durability(look), Writing(remote, look), Connections(look), Size(look)];
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreRefusedException)
        {
            return [DoctorLine.Problem("store", e.Message, "See that the server runs, and that the connection in store.json is right; tavern node --store changes it.")];
        }
    }

    private static DoctorLine Tables(StoreFile remote, TavernFile file, PostgresLook look) =>
        look.Steps == look.StepsKnown ? DoctorLine.Ok("store", $"{remote.Text}: PostgreSQL {look.Version}, step {look.Steps}, {look.Events} events")
        : look.Steps == 0 && file.Stored ? DoctorLine.Problem("store", $"{remote.Text}: it holds no tables, but a store was here: the log is gone", "Restore its newest backup.")
        : DoctorLine.Warning("store", $"{remote.Text}: step {look.Steps}; this version brings it to {look.StepsKnown}", "The next start of the node does that, or tavern migrate --apply.");

    private static DoctorLine Durability(PostgresLook look) =>
        look.Fsync == "off" ? DoctorLine.Problem("durability", "fsync is off: a power loss would cost acknowledged events, so no node starts", "Set fsync = on in the server's postgresql.conf.")
        : look.SynchronousCommit == "off"
            ? DoctorLine.Problem("durability", "synchronous_commit is off for this role: a dying server would cost acknowledged events, so no node starts", "Set it to on, in postgresql.conf or for this role.")
        : DoctorLine.Ok("durability", $"fsync {look.Fsync}, synchronous_commit {look.SynchronousCommit}");

    private static DoctorLine Writing(StoreFile remote, PostgresLook look) =>
        look.IsReadOnly ? DoctorLine.Problem("rights", $"{remote.Text} may only be read: it is a standby, or default_transaction_read_only is on", "Name the primary with tavern node --store.")
        : look.LackingRights.Count > 0 ? DoctorLine.Problem("rights", $"the role lacks {string.Join(", ", look.LackingRights)}", $"grant usage on schema {remote.Schema} to ROLE; grant select, insert, update on all tables in schema {remote.Schema} to ROLE")
        : DoctorLine.Ok("rights", "the role may do all that a node does");

    private static DoctorLine Connections(PostgresLook look) => look.ConnectionsMax - look.ConnectionsUsed < ConnectionsFreeMin
        ? DoctorLine.Warning("connections", $"{look.ConnectionsUsed} of {look.ConnectionsMax} are used", "Raise max_connections, or lower Maximum Pool Size of its clients: a node that gets none cannot write.")
        : DoctorLine.Ok("connections", $"{look.ConnectionsUsed} of {look.ConnectionsMax} are used");

    private static DoctorLine Size(PostgresLook look) => DoctorLine.Ok(
        "size", string.Create(CultureInfo.InvariantCulture, $"the database has {look.DatabaseBytes / 1024.0 / 1024:0.0} MiB; how much room its disk has, a server does not say: df there"));
}
