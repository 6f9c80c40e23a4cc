using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>How a schema is made and brought up to date.</summary>
public sealed class PostgresMigrationTests(PostgresFixture server) : PostgresStoreTest(server)
{
    [SkippableFact]
    public async Task Of_many_that_start_at_once_one_applies_each_step()
    {
        var options = await OptionsAsync();
        var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync(options)));
        Assert.Equal((long)PostgresSchema.Log.Steps.Length, await AskAsync("select count(*) from migrations"));
        foreach (var store in opened) await store.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_plan_changes_nothing_and_applying_does_not_take_the_store_from_its_node()
    {
        var options = await OptionsAsync();
        Assert.All(await PostgresMigrations.PlanAsync(options.ConnectionString, Schema, marten: false, default), step => Assert.Null(step.AppliedAt));
        Assert.Equal(0L, await AskAsync($"select count(*) from pg_namespace where nspname = '{Schema}'"));
        await using var store = await OpenAsync();
        Assert.All(await PostgresMigrations.ApplyAsync(options.ConnectionString, Schema, marten: false, DateTimeOffset.UnixEpoch, default), step => Assert.NotNull(step.AppliedAt));
        await store.CommitAsync(Batch(Chains.Founding), default);
    }

    [SkippableFact]
    public async Task A_role_that_may_only_read_and_write_rows_is_enough_once_the_schema_is_there()
    {
        await (await OpenAsync()).DisposeAsync();
        var role = Schema + "_node";
        await AskAsync($"create role {role} login");
        await AskAsync($"grant usage on schema {Schema} to {role}");
        await AskAsync($"grant select, insert, update on all tables in schema {Schema} to {role}");
        await using (var store = await OpenAsync(await OptionsAsync($";Username={role}")))
        {
            await store.CommitAsync(Batch(Chains.Founding), default);
            await store.MarkVerifiedAsync([Chains.Founder.HeadId], default);
        }

        var denied = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await OpenAsync(await OptionsAsync($";Username={role}") with { Schema = Server.NewSchema() }));
        Assert.Contains("42501", denied.Message, StringComparison.Ordinal);
        await AskAsync($"drop owned by {role}");
        await AskAsync($"drop role {role}");
    }

    [SkippableFact]
    public async Task A_schema_with_a_step_of_a_newer_version_is_refused_by_writers_readers_and_plans()
    {
        await (await OpenAsync()).DisposeAsync();
        await AskAsync("insert into migrations values (99, '0099_tomorrow.sql', 'a', '')");
        await RequireRefusedAsync("0099_tomorrow.sql");
    }

    [SkippableFact]
    public async Task A_step_whose_text_changed_is_refused_by_writers_readers_and_plans()
    {
        await (await OpenAsync()).DisposeAsync();
        await AskAsync("update migrations set checksum = 'another' where number = 1");
        await RequireRefusedAsync("0001_founding.sql");
    }

    [SkippableFact]
    public async Task A_schema_of_another_program_is_refused_and_left_as_it_is()
    {
        await AskAsync($"create schema {Schema}");
        await AskAsync("create table theirs (id integer)");
        await RequireRefusedAsync("another program");
        Assert.Equal(1L, await AskAsync($"select count(*) from pg_class where relnamespace = '{Schema}'::regnamespace"));
    }

    [Fact]
    public void Steps_are_numbered_without_holes() => Assert.Equal(Enumerable.Range(1, PostgresSchema.Log.Steps.Length), PostgresSchema.Log.Steps.Select(step => step.Number));

    private async Task RequireRefusedAsync(string because)
    {
        var options = await OptionsAsync();
        await RefusedAsync(options, because);
        await RefusedAsync(options with { ReadOnly = true }, because);
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => PostgresMigrations.PlanAsync(options.ConnectionString, Schema, marten: false, default));
        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
    }
}
