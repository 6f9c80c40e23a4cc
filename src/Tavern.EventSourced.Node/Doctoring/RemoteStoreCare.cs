using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>A store in a PostgreSQL server: whether it answers, and its version.</summary>
internal static class RemoteStoreCare
{
    public static async Task<DoctorLine> LookAsync(StoreFile remote, TavernFile file, CancellationToken cancellationToken)
    {
        try
        {
            var steps = await PostgresMigrations.PlanAsync(remote.Connection, remote.Schema, marten: false, cancellationToken).ConfigureAwait(false);
            var applied = steps.Count(step => step.AppliedAt is not null);
            return applied == steps.Count
                ? DoctorLine.Ok("store", $"{remote.Text}: step {applied}; a node reads fsync and synchronous_commit at its start, and refuses to start when one is off")
                : applied == 0 && file.Stored
                    ? DoctorLine.Problem("store", $"{remote.Text}: it holds no tables, but a store was here: the log is gone", "Restore its newest backup.")
                    : DoctorLine.Warning("store", $"{remote.Text}: step {applied}; this version brings it to {steps.Count}", "The next start of the node does that, or tavern migrate --apply.");
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreRefusedException)
        {
            return DoctorLine.Problem("store", e.Message, "See that the server runs, and that the connection in store.json is right; tavern node --store changes it.");
        }
    }
}
