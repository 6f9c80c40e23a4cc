using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Stores.Checking;

public sealed class SqliteCheckTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_sound_store_of_a_random_history_gives_no_finding(ulong seed)
    {
        using var store = await SoundStore.MakeAsync(seed);
        var (result, findings) = store.Check(store.Path);
        Assert.True(findings.Count == 0, $"seed {seed}: {string.Join('\n', findings.Kept)}");
        Assert.True(result.IsReadable);
        Assert.True(result.Check!.Events > 20);
    }

    [Fact]
    public async Task A_sound_store_of_a_forked_chain_gives_no_finding()
    {
        var (store, segments) = await SoundStore.MakeForkedAsync(seed: 4);
        using var _ = store;
        var (result, findings) = store.Check(store.Path);
        Assert.True(findings.Count == 0, string.Join('\n', findings.Kept));
        Assert.Equal(segments.Sum(segment => segment.Records.Length), result.Check!.Events);
    }

    [Theory]
    [InlineData("update chains set branch = 4 where branch = 0 and chain = (select chain from chains where branch = 1)", "", true)]
    [InlineData("update chains set branch = 9 where branch = 0 and agent = (select agent from chains where branch = 1)", "not the line that was held first", false)]
    [InlineData("update chains set branch = -1 where branch = 2", "names no chain", false)]
    [InlineData("update chains set branch = 1099511627776 where branch = 2", "names no chain", false)]
    [InlineData("update chains set branch = 7 where branch = 2", "", true)] // a number is local; nothing else names it
    public async Task Numbers_of_lines_are_checked(string damage, string finding, bool isSound)
    {
        var (store, _) = await SoundStore.MakeForkedAsync(seed: 5);
        using var __ = store;
        var path = store.Copy("numbers");
        SoundStore.Run(path, damage);
        var findings = store.Check(path).Findings;
        if (isSound) Assert.Equal(0, findings.Count);
        else Assert.Contains(findings.Kept, found => found.What.Contains(finding, StringComparison.Ordinal));
    }

    /// <summary>Every column of every table, each kind of damage, in rows that the seed chooses: it is found, or the events and the logs are
    /// what they were.</summary>
    [Theory]
    [InlineData(11, false)]
    [InlineData(12, false)]
    [InlineData(13, true)]
    public async Task Whatever_is_damaged_is_found_or_changes_no_event_and_no_log(ulong seed, bool forked)
    {
        using var store = forked ? (await SoundStore.MakeForkedAsync(seed)).Store : await SoundStore.MakeAsync(seed, steps: 20);
        var random = new SplitMix64(seed);
        var before = Essence(store.Path);
        var (tried, found, missed) = (0, 0, new List<string>());
        foreach (var (table, column, type) in Columns(store.Path))
            foreach (var damage in DamagesOf(table, column, type, random))
            {
                var path = store.Copy("damaged");
                int changed;
                try
                {
                    changed = SoundStore.Run(path, damage);
                }
                catch (SqliteException)
                {
                    continue; // SQLite itself refuses such a row: a strict type, a key that is taken
                }

                if (changed == 0) continue;
                tried++;
                if (IsNoticed(store, path)) found++;
                else if (Essence(path) != before) missed.Add(damage);
            }

        Assert.True(missed.Count == 0, $"seed {seed}: not found:\n{string.Join('\n', missed)}");
        Assert.True(tried > 100 && found > 70, $"seed {seed}: {tried} tried, {found} found");
    }

    /// <summary>A finding, or the refusal of what looks like another version's database.</summary>
    private static bool IsNoticed(SoundStore store, string path)
    {
        try
        {
            return store.Check(path).Findings.Count > 0;
        }
        catch (StoreRefusedException)
        {
            return true;
        }
    }

    /// <summary>What must not change unseen: every event verbatim, every log in its order, whoever is said to have brought it.</summary>
    private static string Essence(string path)
    {
        using var database = new SqliteConnection($"Data Source={path};Pooling=false");
        database.Open();
        var lines = new List<string>();
        foreach (var sql in (string[])
        [
            "select position, chain, sequence, hex(hash), hex(signature), hex(header), hex(payload) from events order by position",
            "select h.holder, hex(h.agent), r.position, hex(c.agent), c.epoch, r.first, r.last from holders h left join runs r on r.holder = h.holder left join chains c on c.chain = r.chain order by 1, 3",
            "select * from segments",
        ])
        {
            using var read = database.CreateCommand();
            read.CommandText = sql;
            using var rows = read.ExecuteReader();
            while (rows.Read()) lines.Add(string.Join('|', Enumerable.Range(0, rows.FieldCount).Select(rows.GetValue)));
        }

        return string.Join('\n', lines);
    }

    private static List<(string Table, string Column, string Type)> Columns(string path)
    {
        using var database = new SqliteConnection($"Data Source={path};Pooling=false");
        database.Open();
        using var read = database.CreateCommand();
        read.CommandText = "select t.name, c.name, c.type from pragma_table_list t join pragma_table_info(t.name) c where t.schema = 'main' and t.name not like 'sqlite_%' order by 1, 2";
        using var rows = read.ExecuteReader();
        var found = new List<(string, string, string)>();
        while (rows.Read()) found.Add((rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        return found;
    }

    private static IEnumerable<string> DamagesOf(string table, string column, string type, SplitMix64 random)
    {
        for (var i = 0; i < 2; i++)
        {
            var key = table switch
            {
                "segments" => "(chain, last)",
                "runs" => "(holder, position)",
                "receipts" => "(holder, number)",
                "idempotency" => "(holder, key)",
                "positions" => "(holder, subscription)",
                _ => "rowid",
            };
            var where = $"where {key} = (select {key.Trim('(', ')')} from {table} limit 1 offset {random.Below(1000)} % (select count(*) from {table}))";
            string[] values = type.ToUpperInvariant() switch
            {
                "INTEGER" => [$"{column} + 1", $"{column} - 1", "0", "-1", "1099511627776", "9223372036854775807", "null"],
                "BLOB" =>
                [
                    $"cast(substr({column}, 1, length({column}) / 2) || x'{random.Below(256):x2}' || substr({column}, length({column}) / 2 + 2) as blob)",
                    $"cast(substr({column}, 1, length({column}) - 1) as blob)", $"cast({column} || x'00' as blob)", $"zeroblob(length({column}))", "x''", "null", "zeroblob(32)",
                ],
                _ => [$"{column} || 'x'", "''", "null"],
            };
            foreach (var value in values) yield return $"update {table} set {column} = {value} {where}";
            yield return $"delete from {table} {where}";
        }
    }
}
