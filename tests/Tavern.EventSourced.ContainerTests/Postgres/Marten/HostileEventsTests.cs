using Npgsql;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>Whatever others wrote, the views answer, and show what PostgreSQL can cast.</summary>
public sealed class HostileEventsTests(PostgresFixture server) : MartenViewTest(server)
{
    private const int Payloads = 4000;
    private const int Headers = 400;

    private const string Casts = """
        create function pg_temp.casts(payload bytea) returns boolean language plpgsql as $$
        begin
          perform convert_from(payload, 'UTF8')::jsonb;
          return true;
        exception when others then
          return false;
        end
        $$
        """;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_payload_is_shown_exactly_when_the_server_casts_it_and_is_no_deeper_than_readers_go(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var author = Chains.Author();
        var payloads = Enumerable.Range(0, Payloads).Select(_ => HostilePayload.Next(random)).ToList();
        await using (var store = await OpenAsync())
            foreach (var chunk in payloads.Chunk(100)) await store.CommitAsync(Batch([.. chunk.Select(payload => author.Next(new EventDraft("Note", 1, payload)))]), default);
        await ApplyAsync();
        var shown = await RowsAsync("select data, headers ? 'payload' from mt_events order by seq_id", row => (Data: row.GetString(0), LeftOut: row.GetBoolean(1)));
        var casts = await AskEachAsync(payloads);
        for (var i = 0; i < Payloads; i++)
        {
            var expected = casts[i] && JsonDepth.Of(payloads[i]) <= JsonbText.DepthMax;
            Assert.True(expected != shown[i].LeftOut && (expected || shown[i].Data == "{}"), $"seed {seed}, payload {i}: {Convert.ToHexString(payloads[i])} is shown as {shown[i]}; the server casts: {casts[i]}");
        }

        Assert.InRange(casts.Count(cast => cast), Payloads / 10, Payloads * 9 / 10);
    }

    [SkippableTheory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Headers_say_what_the_record_says_whatever_is_in_it(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var others = Enumerable.Range(0, 5).Select(_ => Chains.Author()).ToList();
        string[] types = ["TaskStarted", "ABCd", "A", "Task2Done", "HTTPServerX9", "note", "order.placed", "Größe", "nul\0l", "😀", "x_Y", "UPPER", new('T', 128), "\u202e"];
        string?[] traces = [null, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", "R700-", "00-\0", new('0', 256)];
        var author = Chains.Author();
        long head = 0;
        var headHash = default(Hash);
        await using var store = await OpenAsync();
        for (var i = 0; i < Headers; i++)
        {
            var heads = Enumerable.Range(0, random.Below(4)).Select(_ => (others[random.Below(5)].Chain[1 + random.Below(9)], UInt128.One * (ulong)random.Below(99))).Distinct().Order().ToList();
            var header = new EventHeader(
                author.Chain[head + 1], headHash, new HybridTime((long)(random.Next() % 253_402_300_800_000), 1), types[random.Below(types.Length)], 1 + random.Below(300),
                [.. Enumerable.Range(0, random.Below(4)).Select(_ => new EventId(others[random.Below(5)].Chain.Agent, 1 + random.Below(3), (long)(random.Next() >> (1 + random.Below(62))) | 1))],
                traces[random.Below(traces.Length)], Hash.Of("{}"u8), heads.Count == 0 ? null : new Dependencies([.. heads.Select(pair => pair.Item1)], [.. heads.Select(pair => pair.Item2)]));
            var record = EventRecord.Parse(Spoil(header.Encode(), random), "{}"u8.ToArray());
            await store.CommitAsync(Batch(new Segment([record], new byte[64])), default);
            (head, headHash) = (head + 1, record.Hash);
        }

        await ApplyAsync();
        Assert.Equal(await ExpectedAsync(store), await RowsAsync($"select {MartenRow.Columns} from mt_events order by seq_id", MartenRow.Read));
    }

    /// <summary>Adds what a later version, or nobody, could have put there: unknown fields of every kind, and known ones twice.</summary>
    private static byte[] Spoil(byte[] header, SplitMix64 random)
    {
        byte[][] more =
        [
            [],
            [0x82, 0x02, 0x02, 0x07, 0x09], // field 32, two bytes
            [0x80, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // field 32, the largest number
            [0x81, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0x85, 0x02, 1, 2, 3, 4], // fields of 8 and 4 bytes
            [0x83, 0x02, 0x3a, 0x01, 0x41, 0x84, 0x02], // a group that holds what would be a type
            [0x40, 0xff, 0xff, 0xff, 0xff, 0x17, 0x40, 0x02], // type_version twice, the first of more than 32 bits
            [0x3a, 0x01, 0x5a], // another type
            [0x60, 0x05, 0x4d, 1, 2, 3, 4], // numbers where messages belong
        ];
        return [.. header, .. more[random.Below(more.Length)], .. more[random.Below(more.Length)]];
    }

    private async Task<List<bool>> AskEachAsync(List<byte[]> payloads)
    {
        await using var connection = new NpgsqlConnection(await Server.ConnectionStringAsync() + ";Pooling=false");
        await connection.OpenAsync();
        await using (var make = new NpgsqlCommand(Casts, connection)) await make.ExecuteNonQueryAsync();
        await using var ask = new NpgsqlCommand("select pg_temp.casts(payload) from unnest($1) with ordinality p (payload, place) order by place", connection)
        {
            Parameters = { new NpgsqlParameter<byte[][]> { TypedValue = [.. payloads] } },
        };
        await using var rows = await ask.ExecuteReaderAsync();
        List<bool> answers = [];
        while (await rows.ReadAsync()) answers.Add(rows.GetBoolean(0));
        return answers;
    }

    /// <summary>Levels of a JSON text that casts, counted by its brackets.</summary>
    private static class JsonDepth
    {
        public static int Of(byte[] json)
        {
            var (depth, deepest, quoted) = (0, 0, false);
            for (var i = 0; i < json.Length; i++)
            {
                if (quoted && json[i] == '\\') i++;
                else if (json[i] == '"') quoted = !quoted;
                else if (!quoted && json[i] is (byte)'{' or (byte)'[') deepest = Math.Max(deepest, ++depth);
                else if (!quoted && json[i] is (byte)'}' or (byte)']') depth--;
            }

            return deepest;
        }
    }
}
