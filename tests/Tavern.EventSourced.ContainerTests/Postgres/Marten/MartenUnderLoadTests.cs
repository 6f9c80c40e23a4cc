using System.Collections.Immutable;
using Npgsql;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>The views of three nodes that write and gossip, over a server that dies meanwhile.</summary>
[Collection(PostgresCollection.Name)]
public sealed class MartenUnderLoadTests(PostgresFixture shared) : MartenViewTest(shared)
{
    private const int Writers = 8;
    private const int CommitsPerWriter = 40;
    private const int Kills = 2;

    private static readonly string[] Names = ["jake", "gandalf", "legolas"];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    [SkippableFact]
    public async Task Rows_are_what_the_log_says_and_come_in_order_of_commit_without_a_hole()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var folder = new TemporaryFolder();
        await using var server = await PostgresServer.StartNewAsync();
        List<NodeOptions> options = [];
        List<TavernNode> nodes = [];
        foreach (var name in Names)
        {
            options.Add(new NodeOptions { DataFolder = Path.Combine(folder.Path, name, "data"), KeysFolder = Path.Combine(folder.Path, name, "keys") });
            StoreFile.Parse($"{server.ConnectionString};Search Path={name}", name).Write(options[^1].DataFolder);
            if (nodes.Count == 0)
                await TavernFounding.FoundAsync(options[^1].DataFolder, options[^1].KeysFolder, "inn", name, TimeProvider.System, deadline.Token);
            else
                await TavernFounding.JoinAsync(options[^1].DataFolder, options[^1].KeysFolder, await nodes[0].InviteAsync(nodes[0].Hosted[0], name, null, deadline.Token), TimeProvider.System, deadline.Token);
            nodes.Add(await TavernNode.StartAsync(options[^1], deadline.Token));
            await NodeMigrations.ApplyAsync(options[^1].DataFolder, null, marten: true, TimeProvider.System, deadline.Token); // under a running node
        }

        await UntilConvergedAsync(nodes, deadline.Token); // who has not heard that it was spawned may not write
        var written = 0;
        using var done = new CancellationTokenSource();
        var polling = Task.Run(() => PollAsync(server.ConnectionString, done.Token), deadline.Token);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(nodes[writer % nodes.Count], writer, () => Interlocked.Increment(ref written), deadline.Token)));
        for (var kill = 1; kill <= Kills; kill++)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (Volatile.Read(ref written) < kill * Writers * CommitsPerWriter / (Kills + 1)) await timer.WaitForNextTickAsync(deadline.Token);
            await server.KillAsync();
            await server.StartAsync();
        }

        await writing;
        await UntilConvergedAsync(nodes, deadline.Token);
        await done.CancelAsync();
        var polled = await polling;
        foreach (var node in nodes) await node.DisposeAsync();

        foreach (var name in Names)
        {
            await using var store = await PostgresEventStore.OpenAsync(new() { ConnectionString = server.ConnectionString, Schema = name, ReadOnly = true }, deadline.Token);
            var expected = await ExpectedAsync(store);
            var schema = name + "_marten";
            Assert.InRange(expected.Count, (Writers * CommitsPerWriter * 2) + 1, int.MaxValue);
            Assert.Equal(Names.Length, expected.Select(row => row.Stream).Distinct().Count()); // also what came by gossip
            Assert.Equal(expected, await RowsAsync(server.ConnectionString, schema, $"select {MartenRow.Columns} from mt_events where is_archived = false order by seq_id", MartenRow.Read));
            Assert.Equal(expected.Select(row => row.Id), await PagesAsync(server.ConnectionString, schema));
            foreach (var stream in expected.GroupBy(row => row.Stream))
            {
                Assert.Equal(Enumerable.Range(1, stream.Count()).Select(version => (long)version), stream.Select(row => row.Version));
                Assert.Equal(
                    stream,
                    await RowsAsync(server.ConnectionString, schema, $"select {MartenRow.Columns} from mt_events where stream_id = '{stream.Key}' and is_archived = false order by version", MartenRow.Read));
                var state = await RowsAsync(
                    server.ConnectionString, schema, MartenQueries.State.Replace("$1", $"'{stream.Key}'", StringComparison.Ordinal), row => (row.GetInt64(1), row.GetDateTime(3), row.GetDateTime(4)));
                Assert.Equal([(stream.Count(), stream.Last().At, stream.First().At)], state);
            }

            if (name == Names[0]) Assert.Equal(expected.Select(row => row.Id).Take(polled.Count), polled);
        }

        Assert.InRange(polled.Count, Writers * CommitsPerWriter * 2, int.MaxValue);
    }

    /// <summary>Reads as a daemon does, up to the sequence, again and again; fails when a row below it is missing. All ids, in order.</summary>
    private static async Task<List<Guid>> PollAsync(string connectionString, CancellationToken done)
    {
        List<Guid> seen = [];
        while (true)
        {
            var last = done.IsCancellationRequested; // one more time then
            try
            {
                var top = (await RowsAsync(connectionString, "jake_marten", "select case when is_called then last_value else 0 end from mt_events_sequence", row => row.GetInt64(0))).Single();
                foreach (var (sequence, id) in await RowsAsync(connectionString, "jake_marten", $"select seq_id, id from mt_events where seq_id > {seen.Count} order by seq_id", row => (row.GetInt64(0), row.GetGuid(1))))
                {
                    Assert.Equal(seen.Count + 1, sequence);
                    seen.Add(id);
                }

                Assert.InRange(top, 1, seen.Count);
                if (last) return seen;
            }
            catch (NpgsqlException) when (!last)
            {
                await Task.Delay(Pause, CancellationToken.None); // the server is away
            }
        }
    }

    /// <summary>Pages of 500, joined with the streams, each from where the one before ended.</summary>
    private static async Task<List<Guid>> PagesAsync(string connectionString, string schema)
    {
        List<Guid> ids = [];
        while (true)
        {
            var page = await RowsAsync(
                connectionString, schema,
                MartenQueries.Page.Replace("$1", $"{ids.Count}", StringComparison.Ordinal).Replace("$2", "1000000", StringComparison.Ordinal), row => row.GetGuid(5));
            if (page.Count == 0) return ids;
            Assert.InRange(page.Count, 1, 500);
            ids.AddRange(page);
        }
    }

    /// <summary>Commits of two events each; what was not acknowledged is asked for again under the same key.</summary>
    private static async Task WriteAsync(TavernNode node, int writer, Action written, CancellationToken cancellationToken)
    {
        EventId? cause = null;
        for (var i = 0; i < CommitsPerWriter; written(), i++)
        {
            ImmutableArray<EventDraft> drafts =
            [
                EventCatalogue.Draft(new MessageSent($"{writer}/{i} \"é\"")) with { Causes = cause is { } id ? [id] : [], TraceParent = $"00-{i:x32}-00f067aa0ba902b7-01" },
                EventCatalogue.Draft(new DiscoveryShared($"{writer}/{i}")),
            ];
            while (true)
            {
                try
                {
                    cause = (await node.AppendAsync(node.Hosted[0], drafts, new AppendConditions { IdempotencyKey = $"{writer}/{i}" }, cancellationToken))[0];
                    break;
                }
                catch (StoreUnavailableException)
                {
                    await Task.Delay(Pause, cancellationToken); // the server is away
                }
            }
        }
    }

    private static async Task UntilConvergedAsync(List<TavernNode> nodes, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            List<Causality.VectorClock> clocks = [];
            foreach (var node in nodes) clocks.Add(await node.History.ReadAsync(reader => reader.Clock(node.Hosted[0]), cancellationToken));
            if (clocks.TrueForAll(clock => clock.Equals(clocks[0]))) return;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
