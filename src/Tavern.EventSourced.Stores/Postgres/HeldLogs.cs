using System.Text;
using Npgsql;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>The logs that the writer has met: looked up once, then kept, as <see cref="HeldLines"/>.</summary>
internal sealed class HeldLogs(NpgsqlConnection connection, int lastKey)
{
    public const string FindLogs = """
        select k.place, h.holder, coalesce(r.position + r.last - r.first, 0)
        from unnest($1::bytea[]) with ordinality k (agent, place)
        join holders h on h.agent = k.agent
        left join lateral (select position, last, first from runs where holder = h.holder order by position desc limit 1) r on true
        """;

    public const string FindDelivered = """
        select k.place, r.last from unnest($1::integer[], $2::integer[]) with ordinality k (holder, chain, place)
        cross join lateral (select last from runs where holder = k.holder and chain = k.chain order by last desc limit 1) r
        """;

    public const string FindRun = "select chain, first, last, hop, receipt from runs where holder = $1 and position = $2";

    public const string FindKeys = """
        select k.place, i.request_hash, c.agent, c.epoch, c.branch, i.sequence
        from unnest($1::integer[], $2::bytea[]) with ordinality k (holder, key, place)
        join idempotency i on i.holder = k.holder and i.key = k.key
        join chains c on c.chain = i.chain
        """;

    public const string FindPositions = """
        select k.place, p.position, c.agent, c.epoch, c.branch, p.sequence
        from unnest($1::integer[], $2::bytea[]) with ordinality k (holder, subscription, place)
        join positions p on p.holder = k.holder and p.subscription = k.subscription
        left join chains c on c.chain = p.chain
        """;

    private readonly Dictionary<AgentId, HeldLog> _logs = [];

    /// <summary>The highest number that a holder has.</summary>
    public int LastKey { get; private set; } = lastKey;

    /// <summary>Looks up those that are not known yet, all at once; those that are not there begin with <paramref name="begin"/>.</summary>
    public async Task LoadAsync(IEnumerable<AgentId> holders, Action<HeldLog> begin)
    {
        var unknown = holders.Where(holder => !_logs.ContainsKey(holder)).Distinct().ToList();
        if (unknown.Count == 0) return;
        await using (var command = Command(FindLogs, new NpgsqlParameter<byte[][]> { TypedValue = [.. unknown.Select(holder => holder.ToByteArray())] }))
        {
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                var holder = unknown[Place(rows)];
                _logs.Add(holder, new HeldLog(holder, rows.GetInt32(1)) { End = rows.GetInt64(2) });
            }
        }

        foreach (var holder in unknown.Where(holder => !_logs.ContainsKey(holder)))
        {
            var log = new HeldLog(holder, ++LastKey);
            _logs.Add(holder, log);
            begin(log);
        }
    }

    /// <summary>A log, which was looked up before.</summary>
    public HeldLog Of(AgentId holder) => _logs[holder];

    /// <summary>Looks up how far logs hold lines, where that is not known yet.</summary>
    public async Task LoadDeliveredAsync(IEnumerable<(HeldLog Log, HeldLine Line)> pairs)
    {
        var unknown = pairs.Where(pair => !pair.Log.Delivered.ContainsKey(pair.Line.Key)).Distinct().ToList();
        if (unknown.Count == 0) return;
        foreach (var (log, line) in unknown) log.Delivered.Add(line.Key, 0);
        await using var command = Command(
            FindDelivered,
            new NpgsqlParameter<int[]> { TypedValue = [.. unknown.Select(pair => pair.Log.Key)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. unknown.Select(pair => pair.Line.Key)] });
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var (log, line) = unknown[Place(rows)];
            log.Delivered[line.Key] = rows.GetInt64(1);
        }
    }

    /// <summary>Looks up where subscriptions stand, where that is not known yet.</summary>
    public async Task LoadPositionsAsync(IEnumerable<PositionStep> steps)
    {
        var unknown = steps.Select(step => (Log: Of(step.Agent), step.Subscription)).Where(asked => !asked.Log.Positions.ContainsKey(asked.Subscription)).Distinct().ToList();
        if (unknown.Count == 0) return;
        foreach (var (log, subscription) in unknown) log.Positions.Add(subscription, null);
        await using var command = Command(
            FindPositions,
            new NpgsqlParameter<int[]> { TypedValue = [.. unknown.Select(asked => asked.Log.Key)] },
            new NpgsqlParameter<byte[][]> { TypedValue = [.. unknown.Select(asked => Encoding.UTF8.GetBytes(asked.Subscription))] });
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var (log, subscription) = unknown[Place(rows)];
            log.Positions[subscription] = new SubscriptionPosition(log.Holder, subscription, rows.GetInt64(1), rows.IsDBNull(5) ? null : PostgresReader.ChainOf(rows, 2)[rows.GetInt64(5)]);
        }
    }

    /// <summary>Those of the keys that were used, with what they stand for. Not kept: a key is asked for once.</summary>
    public async Task<Dictionary<(AgentId, string), IdempotencyEntry>> FindKeysAsync(IReadOnlyList<IdempotencyEntry> entries)
    {
        Dictionary<(AgentId, string), IdempotencyEntry> found = [];
        if (entries.Count == 0) return found;
        await using var command = Command(
            FindKeys,
            new NpgsqlParameter<int[]> { TypedValue = [.. entries.Select(entry => Of(entry.Agent).Key)] },
            new NpgsqlParameter<byte[][]> { TypedValue = [.. entries.Select(entry => Encoding.UTF8.GetBytes(entry.Key))] });
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var asked = entries[Place(rows)];
            found[(asked.Agent, asked.Key)] = asked with { RequestHash = new Hash(rows.GetFieldValue<byte[]>(1)), Event = PostgresReader.ChainOf(rows, 2)[rows.GetInt64(5)] };
        }

        return found;
    }

    /// <summary>True when exactly this run is held in its place.</summary>
    public async Task<bool> HoldsAsync(Run run, HeldLog log, HeldLine line)
    {
        await using var command = Command(FindRun, new NpgsqlParameter<int> { TypedValue = log.Key }, new NpgsqlParameter<long> { TypedValue = run.Position });
        await using var rows = await command.ExecuteReaderAsync();
        return await rows.ReadAsync() && rows.GetInt32(0) == line.Key && rows.GetInt64(1) == run.First && rows.GetInt64(2) == run.Last
            && rows.GetInt32(3) == run.Hop && rows.GetInt64(4) == run.Receipt;
    }

    private static int Place(NpgsqlDataReader rows) => (int)rows.GetInt64(0) - 1; // ordinality counts from 1

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }
}
