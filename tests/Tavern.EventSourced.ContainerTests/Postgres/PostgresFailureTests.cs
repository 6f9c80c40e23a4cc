using Tavern.EventSourced.ContainerTests.Disks;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>Connections that break, servers that cannot write.</summary>
public sealed class PostgresFailureTests(PostgresFixture server) : PostgresStoreTest(server)
{
    [SkippableFact]
    public async Task A_commit_whose_answer_was_lost_may_be_retried_and_is_there_once()
    {
        await using var proxy = new PostgresProxy(await Server.ConnectionStringAsync());
        await using var store = await OpenAsync(proxy);
        var author = await WarmUpAsync(store);
        var batch = Everything(author);
        proxy.LoseNextAnswer();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(batch, default));
        Assert.Equal(3L, await AskAsync("select count(*) from events")); // it was written, and nobody here knows
        await store.CommitAsync(batch, default);
        await RequireOnceAsync(store, author);
    }

    [SkippableFact]
    public async Task Whichever_answer_is_lost_on_the_way_back_the_batch_is_there_once_and_the_store_stays_ours()
    {
        await using var proxy = new PostgresProxy(await Server.ConnectionStringAsync());
        await using var store = await OpenAsync(proxy);
        var author = await WarmUpAsync(store);
        for (var lost = 0; lost < 8; lost++) // those of a new session: its start, the settings, the token, what is held, the commit
        {
            var batch = Batch(author.Next());
            proxy.LoseNextAnswer();
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(batch, default));
            proxy.LoseNextAnswer(requestsBefore: lost);
            for (var tries = 1; await Record.ExceptionAsync(async () => await store.CommitAsync(batch, default)) is { } failure; tries++)
                Assert.True(failure is StoreUnavailableException && tries < 3, $"lost answer {lost}, try {tries}: {failure}");
            Assert.Equal(author.Head, await AskAsync("select count(*) from events"));
        }
    }

    [SkippableFact]
    public async Task A_commit_that_comes_to_the_server_after_its_retry_comes_to_nothing()
    {
        await using var proxy = new PostgresProxy(await Server.ConnectionStringAsync());
        await using var store = await OpenAsync(proxy);
        var author = await WarmUpAsync(store);
        var batch = Everything(author);
        proxy.HoldNextRequest();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(batch, default));
        Assert.Equal(2L, await AskAsync("select count(*) from events"));
        await store.CommitAsync(batch, default);
        Assert.Contains("TV001", await proxy.DeliverHeldAsync(), StringComparison.Ordinal);
        await RequireOnceAsync(store, author);
    }

    [SkippableFact]
    public async Task A_commit_that_comes_to_the_server_before_its_retry_is_found_by_it()
    {
        await using var proxy = new PostgresProxy(await Server.ConnectionStringAsync());
        await using var store = await OpenAsync(proxy);
        var author = await WarmUpAsync(store);
        var batch = Everything(author);
        proxy.HoldNextRequest();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(batch, default));
        Assert.DoesNotContain("TV001", await proxy.DeliverHeldAsync(), StringComparison.Ordinal);
        await store.CommitAsync(batch, default);
        await RequireOnceAsync(store, author);
    }

    [SkippableFact]
    public async Task Connections_that_an_administrator_ends_are_replaced()
    {
        await using var store = await OpenAsync();
        var author = await WarmUpAsync(store);
        Assert.Equal(1, await store.ReadSegmentsAsync(default).CountAsync());
        await TerminateAsync();
        var batch = Everything(author);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(batch, default));
        await store.CommitAsync(batch, default);
        Assert.NotNull(await store.FindRecordAsync(author.Chain[1], default)); // a reader's connection was ended, too
        await RequireOnceAsync(store, author);
    }

    [SkippableFact]
    public async Task A_server_that_went_back_to_an_older_state_is_found_out_at_the_next_commit()
    {
        await using var store = await OpenAsync();
        await WarmUpAsync(store);
        await AskAsync("delete from events where position = 2");
        await TerminateAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(Batch(Chains.Founding), default));
        var lost = await Assert.ThrowsAsync<StoreRolledBackException>(async () => await store.CommitAsync(Batch(Chains.Founding), default));
        Assert.Contains("holds 3 events and places in logs; 4 were acknowledged", lost.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreRolledBackException>(async () => await store.CommitAsync(Batch(Chains.Founding), default));
    }

    [SkippableFact]
    public async Task A_standby_says_that_it_may_only_be_read()
    {
        await (await OpenAsync()).DisposeAsync();
        const string ReadOnly = ";Options=-c default_transaction_read_only=on";
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await OpenAsync(await OptionsAsync(ReadOnly)));
        Assert.Contains("may only be read", refused.Message, StringComparison.Ordinal);
        await using var reader = await OpenAsync(await OptionsAsync(ReadOnly) with { ReadOnly = true });
        Assert.Equal(0, await reader.ReadSegmentsAsync(default).CountAsync());
    }

    [SkippableFact]
    public async Task A_server_that_may_only_be_read_for_a_while_refuses_writes_answers_reads_and_is_written_again_afterwards()
    {
        await (await OpenAsync()).DisposeAsync();
        await using var role = await RoleAsync("");
        await using var store = await OpenAsync(await OptionsAsync($";Username={role.Name}"));
        var author = await WarmUpAsync(store);
        await AskAsync($"alter role {role.Name} set default_transaction_read_only = on");
        await TerminateAsync();
        var batch = Everything(author);
        var refused = await UntilRefusedAsync(store, batch, "25006");
        Assert.Contains("may only be read", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, await store.ReadRecordsAsync(author.Chain, 1, long.MaxValue, default).CountAsync());
        await AskAsync($"alter role {role.Name} reset default_transaction_read_only");
        await store.CommitAsync(batch, default);
        await RequireOnceAsync(store, author);
    }

    [SkippableFact]
    public async Task A_server_without_a_free_connection_is_named_at_the_start_and_later_and_written_again_afterwards()
    {
        await (await OpenAsync()).DisposeAsync();
        await using var role = await RoleAsync("connection limit 1");
        var options = await OptionsAsync($";Username={role.Name}");
        await using var store = await OpenAsync(options);
        var author = await WarmUpAsync(store);
        Assert.Contains("too many connections", (await Assert.ThrowsAsync<StoreUnavailableException>(async () => await OpenAsync(options))).Message, StringComparison.Ordinal);
        var batch = Everything(author);
        await TerminateAsync();
        await using (var other = new Npgsql.NpgsqlConnection(options.ConnectionString + ";Pooling=false"))
        {
            await other.OpenAsync(); // takes the only one
            var refused = await UntilRefusedAsync(store, batch, "53300");
            Assert.Contains("max_connections", refused.Message, StringComparison.Ordinal);
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await AskAsync($"select count(*) from pg_stat_activity where usename = '{role.Name}'") is not 0L) await timer.WaitForNextTickAsync(deadline.Token); // the server notices that it left
        await store.CommitAsync(batch, default);
        await AskAsync($"alter role {role.Name} connection limit -1"); // readers want one, too
        await RequireOnceAsync(store, author);
    }

    [SkippableFact]
    public async Task Whatever_a_server_lost_of_a_log_or_of_who_owns_it_is_found_out()
    {
        foreach (var loss in (string[])["drop table owner", "delete from runs", "update owner set token = token - 1, process = '\\x00000000000000000000000000000000'"])
        {
            var schema = Server.NewSchema();
            await using var store = await OpenAsync(await OptionsAsync() with { Schema = schema });
            await WarmUpAsync(store);
            await PostgresServer.AskAsync(await Server.ConnectionStringAsync() + $";Search Path={schema}", loss);
            await TerminateAsync();
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(Batch(Chains.Founding), default));
            await Assert.ThrowsAsync<StoreRolledBackException>(async () => await store.CommitAsync(Batch(Chains.Founding), default));
        }
    }

    [SkippableFact]
    public async Task A_full_disk_is_named_reads_go_on_and_so_do_writes_once_there_is_room()
    {
        Skip.If(Environment.GetEnvironmentVariable("TAVERN_TEST_POSTGRES") is { Length: > 0 }, "skipped: a small disk cannot be given to a server elsewhere");
        using var disk = SmallDisk.Make();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.GetDirectoryName(disk.Path)!, (UnixFileMode)Convert.ToInt32("711", 8)); // the server's user may pass
        await PostgresServer.GiveFolderAsync(disk.Path);
        var space = Directory.CreateDirectory(Path.Combine(disk.Path, "space")).FullName;
        await PostgresServer.GiveFolderAsync(space);
        await AskAsync($"create tablespace {Schema} location '{space}'");
        try
        {
            await using var store = await OpenAsync(await OptionsAsync($";Options=-c default_tablespace={Schema}"));
            var author = await WarmUpAsync(store);
            disk.Fill();
            StoreUnavailableException? full = null;
            Events.Segment segment;
            do
            {
                segment = author.Next(Enumerable.Range(0, 60).Select(i => TestAuthor.Note($"{i}{new string('x', 800)}")).ToArray());
                full = await Record.ExceptionAsync(async () => await store.CommitAsync(Batch(segment), default)) as StoreUnavailableException;
            }
            while (full is null && author.Head < 10_000);

            Assert.Contains("the server's disk is full", full?.Message, StringComparison.Ordinal);
            Assert.Equal(author.Head - 60, await store.ReadRecordsAsync(author.Chain, 1, long.MaxValue, default).CountAsync());
            disk.Free();
            await store.CommitAsync(Batch(segment), default);
            Assert.Equal(author.Head, await store.ReadRecordsAsync(author.Chain, 1, long.MaxValue, default).CountAsync());
        }
        finally
        {
            await AskAsync($"drop schema if exists {Schema} cascade");
            await AskAsync($"drop tablespace {Schema}");
        }
    }

    [SkippableFact]
    public async Task Any_text_can_be_kept()
    {
        const string Text = "a\0b ☂ 'x' \\ \u202e";
        await using var store = await OpenAsync();
        var author = await WarmUpAsync(store);
        var (entry, step) = (new IdempotencyEntry(new AgentId(1), Text, default, author.Chain[1]), new PositionStep(new AgentId(1), Text, 0, 2, null));
        var receipt = new Receipt(new AgentId(1), 1, new AgentId(2), 1, DeliveryMode.Network, DateTimeOffset.UnixEpoch, 0, ReceiptOutcome.Rejected, Text);
        await store.CommitAsync(new StoreBatch { IdempotencyEntries = [entry], PositionSteps = [step], Receipts = [receipt] }, default);
        Assert.Equal(entry, await store.FindIdempotencyAsync(entry.Agent, Text, default));
        Assert.Equal(Text, (await store.ReadPositionsAsync(entry.Agent, default).SingleAsync()).Subscription);
        Assert.Equal(receipt, await store.FindReceiptAsync(receipt.Holder, 1, default));
    }

    private async Task<PostgresEventStore> OpenAsync(PostgresProxy proxy) =>
        await OpenAsync(await OptionsAsync() with { ConnectionString = proxy.ConnectionString });

    /// <summary>Tries to commit until the server refuses for a reason: first the writer learns that its connection is gone.</summary>
    private static async Task<StoreUnavailableException> UntilRefusedAsync(PostgresEventStore store, StoreBatch batch, string sqlState)
    {
        const int TriesMax = 100;
        for (var tries = 1; ; tries++)
        {
            var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CommitAsync(batch, default));
            if (refused.InnerException is Npgsql.PostgresException e && e.SqlState == sqlState) return refused;
            Assert.True(tries < TriesMax, $"the server never refused with {sqlState}: {refused}");
        }
    }

    /// <summary>A role that a node could use, and that nobody else does.</summary>
    private async Task<Role> RoleAsync(string more)
    {
        var name = Schema + "_node";
        await AskAsync($"create role {name} login {more}");
        await AskAsync($"grant usage on schema {Schema} to {name}");
        await AskAsync($"grant select, insert, update on all tables in schema {Schema} to {name}");
        return new Role(name, AskAsync);
    }

    private sealed record Role(string Name, Func<string, Task<object?>> AskAsync) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await AskAsync($"drop owned by {Name}; drop role {Name}");
    }

    /// <summary>Two events in a log; afterwards the writer knows chain and holder, and a commit is one message.</summary>
    private async Task<TestAuthor> WarmUpAsync(PostgresEventStore store)
    {
        var author = Chains.Author();
        await store.CommitAsync(Batch(author.Next(2)) with { Runs = [new Run(new AgentId(1), 1, author.Chain, 1, 2, 1, 1)] }, default);
        return author;
    }

    private static StoreBatch Everything(TestAuthor author) => Batch(author.Next()) with
    {
        Runs = [new Run(new AgentId(1), 3, author.Chain, 3, 3, 1, 2)],
        Receipts = [new Receipt(new AgentId(1), 2, new AgentId(2), 7, DeliveryMode.Network, DateTimeOffset.UnixEpoch, 10, ReceiptOutcome.Delivered)],
    };

    private static async Task RequireOnceAsync(PostgresEventStore store, TestAuthor author)
    {
        Assert.Equal([1, 2, 3], (await store.ReadRecordsAsync(author.Chain, 1, long.MaxValue, default).ToListAsync()).Select(record => record.Id.Sequence));
        Assert.Equal(3, (await store.ReadRunsAsync(new AgentId(1), 1, default).ToListAsync()).Sum(run => run.Count));
        Assert.Single(await store.ReadReceiptsAsync(new AgentId(1), 0, default).ToListAsync());
        await store.CommitAsync(Batch(author.Next()), default);
    }
}
