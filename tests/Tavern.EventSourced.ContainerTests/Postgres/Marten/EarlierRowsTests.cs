using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>A log from before the columns for readers: the step fills them as the writer would have.</summary>
public sealed class EarlierRowsTests(PostgresFixture server) : MartenViewTest(server)
{
    private const string Columns = "select (e.position, e.alias, e.at, e.json_ok, c.stream_id)::text from events e join chains c on c.chain = e.chain order by e.position";

    private const string BackToStep1 = """
        alter table events drop column alias, drop column at, drop column json_ok;
        alter table chains drop column stream_id;
        drop function message_bytes;
        drop function message_number;
        drop function message_fields;
        delete from migrations where number = 2;
        """;

    [SkippableTheory]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Rows_that_were_there_are_filled_as_the_writer_fills_them(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        string[] types = ["TaskStarted", "ABCd", "A", "Task2Done", "HTTPServerX9", "note", "order.placed", "Größe", "nul\0l", "a\\000b", "😀", "x_Y", new('T', 128)];
        var (gandalf, spawn) = Chains.Spawn("gandalf");
        await using (var store = await OpenAsync())
        {
            await store.CommitAsync(Batch(Chains.Founding, spawn, gandalf.Next(), gandalf.NextEpoch().Next()), default);
            for (var i = 0; i < 500; i++) await store.CommitAsync(Batch(gandalf.Next(new EventDraft(types[random.Below(types.Length)], 1, HostilePayload.Next(random)))), default);
        }

        var written = await RowsAsync(await Server.ConnectionStringAsync(), Schema, Columns, row => row.GetString(0));
        await AskAsync(BackToStep1);
        await (await OpenAsync()).DisposeAsync();
        Assert.Equal(written, await RowsAsync(await Server.ConnectionStringAsync(), Schema, Columns, row => row.GetString(0)));
        Assert.Contains($"{gandalf.Chain.Agent}@2", string.Join('\n', written), StringComparison.Ordinal);
    }
}
