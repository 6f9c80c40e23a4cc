using Npgsql;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>The relations that Marten looks for, and who may do what with them.</summary>
public sealed class MartenShapeTests(PostgresFixture server) : MartenViewTest(server)
{
    private const string Shape = """
        mt_event_progression.name character varying
        mt_event_progression.last_seq_id bigint
        mt_event_progression.last_updated timestamp with time zone
        mt_events.seq_id bigint
        mt_events.id uuid
        mt_events.stream_id character varying
        mt_events.version bigint
        mt_events.data jsonb
        mt_events.bdata bytea
        mt_events.type character varying(500)
        mt_events.timestamp timestamp with time zone
        mt_events.tenant_id character varying
        mt_events.mt_dotnet_type character varying
        mt_events.correlation_id character varying
        mt_events.causation_id character varying
        mt_events.headers jsonb
        mt_events.is_archived boolean
        mt_events_sequence.last_value bigint
        mt_events_sequence.log_cnt bigint
        mt_events_sequence.is_called boolean
        mt_high_water_skips.ending_sequence bigint
        mt_high_water_skips.starting_sequence bigint
        mt_high_water_skips.timestamp timestamp with time zone
        mt_streams.id character varying
        mt_streams.type character varying
        mt_streams.version bigint
        mt_streams.timestamp timestamp with time zone
        mt_streams.created timestamp with time zone
        mt_streams.tenant_id character varying
        mt_streams.is_archived boolean
        """;

    [SkippableFact]
    public async Task Columns_have_Martens_names_types_and_order()
    {
        await (await OpenAsync()).DisposeAsync();
        await ApplyAsync();
        var columns = await RowsAsync(
            $"""
            select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = '{Marten}'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0 and c.relname like 'mt\_e%' or
              c.relnamespace = '{Marten}'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0 and c.relname in ('mt_streams', 'mt_high_water_skips')
            order by c.relname collate "C", a.attnum
            """,
            row => row.GetString(0));
        Assert.Equal(Shape.Split('\n'), columns);
        Assert.Equal(["pk_mt_event_progression"], await RowsAsync("select conname::text from pg_constraint where contype = 'p' and conrelid = 'mt_event_progression'::regclass", row => row.GetString(0)));
    }

    [SkippableFact]
    public async Task A_row_is_what_its_record_says_and_a_stream_is_its_chain()
    {
        await using var store = await OpenAsync();
        await store.CommitAsync(Batch(Chains.Founding), default);
        await ApplyAsync(); // in the middle: rows before and after are the same
        var (gandalf, spawn) = Chains.Spawn("gandalf");
        var second = gandalf.NextEpoch();
        await store.CommitAsync(Batch(spawn, gandalf.Next(3), Chains.Founder.NextAfter(gandalf), gandalf.NextAfter(Chains.Founder), second.Next(2)), default);
        var expected = await ExpectedAsync(store);
        Assert.Equal(expected, await RowsAsync($"select {MartenRow.Columns} from mt_events where is_archived = false order by seq_id", MartenRow.Read));
        Assert.Equal(
            expected.GroupBy(row => row.Stream).Select(stream => (stream.Key, (long)stream.Count(), stream.Last().At, stream.First().At)).Order(),
            (await RowsAsync("select id, version, timestamp, created from mt_streams where type is null and tenant_id = '*DEFAULT*' and not is_archived", row => (row.GetString(0), row.GetInt64(1), row.GetDateTime(2), row.GetDateTime(3)))).Order());
        Assert.Contains($"{gandalf.Chain.Agent}@2", expected.Select(row => row.Stream));
    }

    /// <summary>Numbers go on without a hole over what is shown of no stream.</summary>
    [SkippableFact]
    public async Task Other_lines_of_a_forked_chain_are_archived_and_no_stream()
    {
        await using var store = await OpenAsync();
        await ApplyAsync();
        var (liar, spawn) = Chains.Spawn("gollum");
        var first = liar.Next(2);
        var line = liar.Line(1);
        await store.CommitAsync(Batch(Chains.Founding, spawn, first, liar.Next(2), line.Next(3)), default);
        await store.CommitAsync(Batch(Chains.Founder.Next()), default);
        Assert.Equal(await ExpectedAsync(store), await RowsAsync($"select {MartenRow.Columns} from mt_events order by seq_id", MartenRow.Read));
        Assert.Equal([1, 2, 3, 4], await RowsAsync($"select version from mt_events where stream_id = '{liar.Chain}' and is_archived = false order by version", row => row.GetInt64(0)));
        Assert.Equal([(3L, true), (4L, true), (5L, true)], await RowsAsync($"select version, is_archived from mt_events where stream_id = '{line.Chain}' order by version", row => (row.GetInt64(0), row.GetBoolean(1))));
        Assert.Equal(new[] { Chains.Founder.Chain.ToString(), liar.Chain.ToString() }.Order(StringComparer.Ordinal), await RowsAsync("select id from mt_streams order by id collate \"C\"", row => row.GetString(0)));
    }

    [SkippableFact]
    public async Task The_sequence_stands_at_the_last_row_and_is_not_called_before_the_first()
    {
        await using var store = await OpenAsync();
        await ApplyAsync();
        const string Sequence = "select last_value, is_called from mt_events_sequence";
        Assert.Equal([(1L, false)], await RowsAsync(Sequence, row => (row.GetInt64(0), row.GetBoolean(1))));
        await store.CommitAsync(Batch(Chains.Founding), default);
        Assert.Equal([(1L, true)], await RowsAsync(Sequence, row => (row.GetInt64(0), row.GetBoolean(1))));
        await store.CommitAsync(Batch(Chains.Founder.Next(4)), default);
        Assert.Equal([(5L, true)], await RowsAsync(Sequence, row => (row.GetInt64(0), row.GetBoolean(1))));
    }

    [SkippableFact]
    public async Task Progress_is_marked_moved_and_moved_over_holes_by_whoever_stands_before_them()
    {
        await (await OpenAsync()).DisposeAsync();
        await ApplyAsync();
        await RowsAsync("select mt_mark_event_progression('p', 5)", _ => 0);
        await RowsAsync("select mt_mark_event_progression('p', 7)", _ => 0);
        Assert.Equal([9L], await RowsAsync("select mt_mark_progression_with_skip('p', 9, 7)", row => row.GetInt64(0)));
        Assert.Equal([9L], await RowsAsync("select mt_mark_progression_with_skip('p', 20, 7)", row => row.GetInt64(0))); // somebody else was there already
        Assert.Equal([4L], await RowsAsync("select mt_mark_progression_with_skip('q', 4, 0)", row => row.GetInt64(0)));
        Assert.Equal([("p", 9L), ("q", 4L)], await RowsAsync("select name, last_seq_id from mt_event_progression order by name", row => (row.GetString(0), row.GetInt64(1))));
        Assert.Equal([(4L, 0L), (9L, 7L)], await RowsAsync("select ending_sequence, starting_sequence from mt_high_water_skips order by 1", row => (row.GetInt64(0), row.GetInt64(1))));
    }

    [SkippableFact]
    public async Task A_reader_reads_the_views_keeps_its_progress_and_touches_nothing_else()
    {
        await using var store = await OpenAsync();
        await ApplyAsync();
        await store.CommitAsync(Batch(Chains.Founding), default);
        var role = Schema + "_reader";
        foreach (var grant in (string[])[$"create role {role} login", $"grant usage on schema {Marten} to {role}", $"grant select on all tables in schema {Marten} to {role}", $"grant insert, update, delete on {Marten}.mt_event_progression, {Marten}.mt_high_water_skips, {Marten}.mt_doc_deadletterevent to {role}"])
            await AskAsync(grant);
        var reader = $";Username={role}";
        Assert.Equal(await ExpectedAsync(store), await RowsAsync($"select {MartenRow.Columns} from mt_events order by seq_id", MartenRow.Read, reader));
        await RowsAsync("select mt_mark_event_progression('p', 1)", _ => 0, reader);
        Assert.Equal([2L], await RowsAsync("select mt_mark_progression_with_skip('p', 2, 1)", row => row.GetInt64(0), reader));
        Assert.Single(await RowsAsync("select * from mt_streams, mt_events_sequence", _ => 0, reader));
        foreach (var forbidden in (string[])[$"select * from {Schema}.events", "delete from mt_streams", "delete from mt_events", "drop view mt_events", $"create table {Marten}.theirs (id integer)"])
            Assert.Contains((await Assert.ThrowsAsync<PostgresException>(() => RowsAsync(forbidden, _ => 0, reader))).SqlState, (string[])["42501", "55000"]);
        await AskAsync($"drop owned by {role}");
        await AskAsync($"drop role {role}");
    }

    [SkippableFact]
    public async Task Without_the_right_to_make_the_schema_it_is_refused_and_the_node_runs_on()
    {
        var role = Schema + "_node";
        await AskAsync($"create role {role} login");
        await AskAsync($"create schema {Schema} authorization {role}");
        await using (var store = await OpenAsync(await OptionsAsync($";Username={role}")))
        {
            var denied = await Assert.ThrowsAsync<StoreUnavailableException>(() => ApplyAsync($";Username={role}"));
            Assert.Contains("migrations/README.md", denied.Message, StringComparison.Ordinal);
            Assert.Contains("42501", denied.Message, StringComparison.Ordinal);
            await store.CommitAsync(Batch(Chains.Founding), default);
            await AskAsync($"create schema {Marten} authorization {role}");
            Assert.All(await ApplyAsync($";Username={role}"), step => Assert.NotNull(step.AppliedAt));
            Assert.Single(await RowsAsync("select * from mt_events", _ => 0));
        }

        await AskAsync($"drop owned by {role} cascade");
        await AskAsync($"drop role {role}");
    }

    [SkippableFact]
    public async Task Another_programs_schema_and_one_of_a_newer_version_are_left_as_they_are()
    {
        await (await OpenAsync()).DisposeAsync();
        await AskAsync($"create schema {Marten}");
        await AskAsync($"create table {Marten}.mt_events (id integer)");
        Assert.Contains("another program", (await Assert.ThrowsAsync<StoreRefusedException>(() => ApplyAsync())).Message, StringComparison.Ordinal);
        await AskAsync($"drop table {Marten}.mt_events");
        Assert.All(await ApplyAsync(), step => Assert.NotNull(step.AppliedAt));
        await AskAsync($"insert into {Marten}.migrations values (99, '0099_tomorrow.sql', 'a', '')");
        Assert.Contains("0099_tomorrow.sql", (await Assert.ThrowsAsync<StoreRefusedException>(() => ApplyAsync())).Message, StringComparison.Ordinal);
        await (await OpenAsync()).DisposeAsync(); // the node has no use for it
    }

    [SkippableFact]
    public async Task A_schema_without_room_for_the_longer_name_is_refused()
    {
        var connection = await Server.ConnectionStringAsync();
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => PostgresMigrations.PlanAsync(connection, new string('a', 57), marten: true, default));
        Assert.Contains("63", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task In_a_database_of_another_encoding_a_node_runs_and_Marten_is_refused()
    {
        var database = Schema + "_latin";
        await AskAsync($"create database {database} template template0 encoding 'LATIN1' locale 'C'");
        var options = await OptionsAsync($";Database={database}");
        await using (var store = await OpenAsync(options))
        {
            var author = Chains.Author();
            await store.CommitAsync(Batch(author.Next(EventCatalogue.Draft(new MessageSent("日本")), new("日本", 1, "{}"u8.ToArray()))), default);
            Assert.Contains("LATIN1", (await Assert.ThrowsAsync<StoreRefusedException>(() => ApplyAsync($";Database={database}"))).Message, StringComparison.Ordinal);
            await store.CommitAsync(Batch(author.Next()), default);
        }

        NpgsqlConnection.ClearAllPools();
        await AskAsync($"drop database {database} with (force)");
    }
}
