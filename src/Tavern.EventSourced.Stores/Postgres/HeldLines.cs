using Npgsql;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>The lines of the chains that the writer has met: looked up once, then kept, because nobody else writes while the owner's token
/// is ours. About 200 bytes a chain.</summary>
internal sealed class HeldLines(NpgsqlConnection connection, int lastKey)
{
    public const string FindLines = """
        select k.place, c.chain, c.branch, coalesce(head.last, 0), e.hash, coalesce(foot.first, 1), f.header
        from unnest($1::bytea[], $2::integer[]) with ordinality k (agent, epoch, place)
        join chains c on c.agent = k.agent and c.epoch = k.epoch
        left join lateral (select last, first, position from segments where chain = c.chain order by last desc limit 1) head on true
        left join events e on e.position = head.position + head.last - head.first
        left join lateral (select first, position from segments where chain = c.chain and c.branch > 0 order by last limit 1) foot on true
        left join events f on f.position = foot.position
        order by k.place, c.branch
        """;

    public const string FindRecords = """
        select s.first + e.position - s.position, e.hash, e.position, s.first, s.last
        from segments s join events e on e.position between s.position + greatest($2 - s.first, 0) and s.position + least($3, s.last) - s.first
        where s.chain = $1 and s.last >= $2 and s.last <= coalesce((select min(last) from segments where chain = $1 and last >= $3), $3)
        order by e.position
        """;

    private readonly Dictionary<ChainId, List<HeldLine>> _lines = [];

    /// <summary>The highest number that a line has.</summary>
    public int LastKey { get; private set; } = lastKey;

    /// <summary>Looks up those that are not known yet, all at once.</summary>
    public async Task LoadAsync(IEnumerable<ChainId> chains)
    {
        var unknown = chains.Select(chain => chain.Main).Where(chain => !_lines.ContainsKey(chain)).Distinct().ToList();
        if (unknown.Count == 0) return;
        foreach (var chain in unknown) _lines.Add(chain, []);
        await using var command = new NpgsqlCommand(FindLines, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<byte[][]> { TypedValue = [.. unknown.Select(chain => chain.Agent.ToByteArray())] },
                new NpgsqlParameter<int[]> { TypedValue = [.. unknown.Select(chain => chain.Epoch)] },
            },
        };
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var chain = unknown[(int)rows.GetInt64(0) - 1];
            var line = new HeldLine(chain with { Branch = rows.GetInt32(2) }, rows.GetInt32(1)) { Head = rows.GetInt64(3), First = rows.GetInt64(5) };
            if (line.Head > 0) line.HeadHash = new Hash(rows.GetFieldValue<byte[]>(4));
            if (!rows.IsDBNull(6)) line.Previous = EventHeader.Decode(rows.GetFieldValue<byte[]>(6)).Previous;
            _lines[chain].Add(line);
        }
    }

    /// <summary>All lines of a chain, which was looked up before.</summary>
    public IReadOnlyList<HeldLine> Of(ChainId chain) => _lines[chain.Main];

    /// <summary>A line, or null when nothing of it is held. Its chain was looked up before.</summary>
    public HeldLine? Find(ChainId chain) => _lines[chain.Main].Find(line => line.Id == chain);

    /// <summary>A new line.</summary>
    public HeldLine Add(ChainId chain)
    {
        var line = new HeldLine(chain, ++LastKey);
        _lines[chain.Main].Add(line);
        return line;
    }

    /// <summary>Where a record is held on other lines of the chain.</summary>
    public async ValueTask<List<(HeldLine Line, long Sequence)>> OthersWithAsync(ChainId chain, long sequence, Hash hash)
    {
        List<(HeldLine, long)> found = [];
        foreach (var line in Of(chain))
        {
            if (line.Id == chain || !line.Holds(sequence)) continue;
            var records = await RecordsAsync(line, sequence, sequence);
            if (records[0].Hash == hash) found.Add((line, sequence));
        }

        return found;
    }

    /// <summary>Held records of a line, all of which must be: also those of the commit under way.</summary>
    public async ValueTask<List<HeldRecord>> RecordsAsync(HeldLine line, long first, long last)
    {
        List<HeldRecord> records = [];
        if (line.Pending.Count == 0 || first < line.Pending[0].Segment.First) await ReadAsync(line, first, last, records);
        foreach (var (segment, position) in line.Pending)
        {
            foreach (var record in segment.Records)
            {
                if (record.Id.Sequence >= first && record.Id.Sequence <= last)
                    records.Add(new HeldRecord(record.Id.Sequence, record.Hash, position + record.Id.Sequence - segment.First, segment.First, segment.Last));
            }
        }

        return records.Count == last - first + 1
            ? records
            : throw new StoreUnavailableException($"The store is damaged: of {line.Id[first]}..{last} only {records.Count} records are there, below their chain's head. Restore it from a backup.");
    }

    private async Task ReadAsync(HeldLine line, long first, long last, List<HeldRecord> records)
    {
        await using var command = new NpgsqlCommand(FindRecords, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = line.Key },
                new NpgsqlParameter<long> { TypedValue = first },
                new NpgsqlParameter<long> { TypedValue = last },
            },
        };
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            records.Add(new HeldRecord(rows.GetInt64(0), new Hash(rows.GetFieldValue<byte[]>(1)), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4)));
    }
}
