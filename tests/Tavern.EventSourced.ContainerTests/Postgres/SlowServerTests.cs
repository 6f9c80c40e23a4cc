using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>A server behind a line on which every request takes seconds, under a node with a peer.</summary>
public sealed class SlowServerTests(PostgresFixture server) : PostgresStoreTest(server)
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    [SkippableFact]
    public async Task While_a_commit_takes_seconds_reads_and_gossip_go_on_and_a_caller_who_does_not_wait_is_told_and_may_ask_again()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var folder = new TemporaryFolder();
        await using var proxy = new PostgresProxy(await Server.ConnectionStringAsync());
        var (jakes, gandalfs) = (OptionsOf("jake"), OptionsOf("gandalf") with { AppendWaitMax = Patience });
        var jake = await TavernFounding.FoundAsync(jakes.DataFolder, jakes.KeysFolder, "inn", "jake", TimeProvider.System, deadline.Token);
        await using var first = await TavernNode.StartAsync(jakes, deadline.Token);
        var invitation = await first.InviteAsync(jake, "gandalf", null, deadline.Token);
        StoreFile.Parse($"{proxy.ConnectionString};Search Path={Schema}", "gandalf").Write(gandalfs.DataFolder);
        var gandalf = await TavernFounding.JoinAsync(gandalfs.DataFolder, gandalfs.KeysFolder, invitation, TimeProvider.System, deadline.Token);
        await using var second = await TavernNode.StartAsync(gandalfs, deadline.Token);
        await second.WaitUntilVouchedAsync(gandalf, deadline.Token);
        await SayAsync("before"); // he is known, and the first questions of a connection were asked

        proxy.Delay = Slow;
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => SayAsync("slow"));
        Assert.Contains("did not commit within 1 s", told.Message, StringComparison.Ordinal);
        var length = await second.History.ReadAsync(reader => reader.LogLength(gandalf), deadline.Token);
        Assert.True(length > 0);
        var answer = (await first.AskAsync(jake, [gandalf], new AskQuestion.Clock(), TimeSpan.FromSeconds(20), deadline.Token))[0];
        Assert.True(answer.Answer is not null, answer.Failure);

        proxy.Delay = TimeSpan.Zero;
        StoreUnavailableException? again;
        do again = await Record.ExceptionAsync(() => SayAsync("slow")) as StoreUnavailableException; // under the same key
        while (again is not null);
        var texts = new List<string>();
        await foreach (var (segment, _) in second.Store.ReadSegmentsAsync(deadline.Token))
            foreach (var record in segment.Records)
                if (EventCatalogue.TryRead(record, out var body) && body is MessageSent message) texts.Add(message.Text);
        Assert.Equal(["before", "slow"], texts);

        NodeOptions OptionsOf(string name) => new() { DataFolder = Path.Combine(folder.Path, name, "data"), KeysFolder = Path.Combine(folder.Path, name, "keys") };

        async Task SayAsync(string text)
        {
            while (true)
            {
                try
                {
                    await second.AppendAsync(gandalf, [EventCatalogue.Draft(new MessageSent(text))], new AppendConditions { IdempotencyKey = text }, deadline.Token);
                    return;
                }
                catch (StoreUnavailableException) when (text == "before" && !deadline.IsCancellationRequested)
                {
                    // A busy machine: only the other one is about patience.
                }
            }
        }
    }
}
