using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>Who may write, and what is refused.</summary>
public sealed class PostgresOwnershipTests(PostgresFixture server) : PostgresStoreTest(server)
{
    [SkippableFact]
    public async Task Of_two_processes_the_older_stops_and_is_told_who_the_newer_is()
    {
        await using var first = await OpenAsync();
        await first.CommitAsync(Batch(Chains.Founding), default);
        await using var second = await OpenAsync(await OptionsAsync() with { Owner = "the second node" });
        var next = Chains.Founder.Next();
        var fenced = await Assert.ThrowsAsync<StoreFencedException>(async () => await first.CommitAsync(Batch(next), default));
        Assert.Contains("the second node", fenced.Message, StringComparison.Ordinal);
        Assert.Equal(1, await first.ReadSegmentsAsync(default).CountAsync());
        await Assert.ThrowsAsync<StoreFencedException>(async () => await first.CommitAsync(Batch(Chains.Founding), default)); // also what is held: it may not answer for it
        await second.CommitAsync(Batch(next), default);
    }

    [SkippableFact]
    public async Task An_older_process_that_lost_its_connection_does_not_take_the_store_back()
    {
        await using var first = await OpenAsync();
        await TerminateAsync();
        await using var second = await OpenAsync(await OptionsAsync() with { Owner = "the second node" });
        await TerminateAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await first.CommitAsync(Batch(Chains.Founding), default));
        var fenced = await Assert.ThrowsAsync<StoreFencedException>(async () => await first.CommitAsync(Batch(Chains.Founding), default));
        Assert.Contains("the second node", fenced.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await second.CommitAsync(Batch(Chains.Founding), default));
        await second.CommitAsync(Batch(Chains.Founding), default);
        Assert.Equal(1, await second.ReadSegmentsAsync(default).CountAsync());
    }

    [SkippableFact]
    public async Task Each_owner_has_a_higher_token()
    {
        for (var expected = 1L; expected <= 3; expected++)
        {
            await using var store = await OpenAsync();
            Assert.Equal(expected, await AskAsync("select token from owner"));
        }
    }

    [SkippableFact]
    public async Task Several_nodes_share_a_server_each_with_a_schema_of_its_own()
    {
        await using var store = await OpenAsync();
        await using var other = await OpenAsync(await OptionsAsync() with { Schema = Server.NewSchema() });
        await store.CommitAsync(Batch(Chains.Founding), default);
        await other.CommitAsync(Batch(Chains.Author().Next(3)), default);
        await store.CommitAsync(Batch(Chains.Founder.Next()), default);
        Assert.Equal(2, await store.ReadSegmentsAsync(default).CountAsync());
        Assert.Equal(1, await other.ReadSegmentsAsync(default).CountAsync());
    }

    [SkippableFact]
    public async Task A_reader_opens_beside_the_owner_sees_each_commit_and_takes_nothing()
    {
        await using var store = await OpenAsync();
        await using var reader = await OpenAsync(await OptionsAsync() with { ReadOnly = true });
        Assert.Equal(0, await reader.ReadSegmentsAsync(default).CountAsync());
        await store.CommitAsync(Batch(Chains.Founding), default);
        Assert.Equal(1, await reader.ReadSegmentsAsync(default).CountAsync());
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.CommitAsync(Batch(Chains.Founding), default));
        Assert.Contains("read only", refusal.Message, StringComparison.Ordinal);
        await reader.MarkVerifiedAsync([Chains.Founder.HeadId], default);
    }

    [SkippableFact]
    public async Task There_is_nothing_to_read_before_a_store_was_made_and_reading_makes_none()
    {
        await RefusedAsync(await OptionsAsync() with { ReadOnly = true }, Schema);
        Assert.Equal(0L, await AskAsync($"select count(*) from pg_namespace where nspname = '{Schema}'"));
    }

    [SkippableFact]
    public async Task A_log_that_is_gone_is_not_begun_anew()
    {
        Assert.True((await RefusedAsync(await OptionsAsync() with { MustExist = true }, "The log of this node is gone")) is { IsDamaged: true, IsLost: true });
        await (await OpenAsync()).DisposeAsync();
        await using var store = await OpenAsync(await OptionsAsync() with { MustExist = true });
    }

    [SkippableFact]
    public async Task A_server_without_fsync_is_refused()
    {
        Skip.If(Environment.GetEnvironmentVariable("TAVERN_TEST_POSTGRES") is { Length: > 0 }, "skipped: the setting of a server that others may use is left alone");
        await SetAsync("alter system set fsync = off");
        try
        {
            await RefusedAsync(await OptionsAsync(), "fsync is off, expected on");
        }
        finally
        {
            await SetAsync("alter system reset fsync");
        }

        await using var store = await OpenAsync();

        async Task SetAsync(string sql)
        {
            await AskAsync(sql);
            await AskAsync("select pg_reload_conf()");
            var expected = sql.EndsWith("off", StringComparison.Ordinal) ? "off" : "on";
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (await AskAsync("select current_setting('fsync')") is not string now || now != expected) await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    [SkippableFact]
    public async Task A_role_or_connection_that_does_not_wait_for_the_sync_is_refused()
    {
        await RefusedAsync(await OptionsAsync(";Options=-c synchronous_commit=off"), "synchronous_commit is off, expected on");
        await using var store = await OpenAsync(await OptionsAsync(";Options=-c synchronous_commit=local"));
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("Inn")]
    [InlineData("1nn")]
    [InlineData("inn; drop schema inn")]
    [InlineData("sixty_four_characters_are_one_too_many_for_the_name_of_a_schema__")]
    public async Task A_name_that_would_need_quotes_is_no_schema(string schema)
    {
        var wrong = await Assert.ThrowsAsync<ArgumentException>(async () => await OpenAsync(await OptionsAsync() with { Schema = schema }));
        Assert.Contains("not a schema's name", wrong.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("Database=inn", "names no host")]
    [InlineData("Host=inn;Colour=green", "cannot be read")]
    public async Task A_connection_string_that_says_nothing_is_refused(string text, string because)
    {
        var wrong = await Assert.ThrowsAsync<ArgumentException>(async () => await OpenAsync(new PostgresStoreOptions { ConnectionString = text, Schema = Schema }));
        Assert.Contains(because, wrong.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task No_message_holds_the_password()
    {
        var options = new PostgresStoreOptions { ConnectionString = "Host=127.0.0.1;Port=1;Username=jake;Password=mellon;Timeout=5", Schema = Schema };
        var silent = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await OpenAsync(options));
        Assert.DoesNotContain("mellon", silent.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", silent.Message, StringComparison.Ordinal);
    }
}
