using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Postgres;

internal sealed partial class PostgresServer
{
    /// <summary>Makes one and starts it; skips the test where the programs are missing.</summary>
    public static async Task<PostgresServer> StartNewAsync()
    {
        var programs = FindPrograms();
        RequiredTool.Require(programs is not null, "PostgreSQL's initdb is neither on PATH nor in /usr/lib/postgresql");
        if (IsRoot) RequiredTool.Require("setpriv");
        return await StartNewAsync(programs!);
    }
}
