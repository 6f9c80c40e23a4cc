using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>What the server does for each question, with more rows than a scan would be chosen for.</summary>
public sealed partial class PostgresPlanTests(PostgresFixture server) : PostgresStoreTest(server)
{
    private const string Bytes16 = "decode(lpad(to_hex(n), 32, '0'), 'hex')";

    /// <summary>20,000 chains of five records each, which no trigger looks at: their headers are none.</summary>
    internal const string Fill = $"""
        set session_replication_role = replica;
        insert into chains select n, {Bytes16}, 1, 0 from generate_series(1, 20000) n;
        insert into holders select n, {Bytes16} from generate_series(1, 20000) n;
        insert into events select n, (n - 1) / 5 + 1, (n - 1) % 5 + 1, true, sha256(n::text::bytea), '\x00', '\x00', '\x7b7d', 'note', 'epoch', true from generate_series(1, 100000) n;
        insert into segments select (n - 1) / 5 + 1, (n - 1) % 5 + 1, (n - 1) % 5 + 1, n from generate_series(1, 100000) n;
        insert into runs select n % 100 + 1, n / 100 + 1, n, 1, 5, 1, n from generate_series(0, 100000) n;
        insert into receipts select n % 100 + 1, n / 100 + 1, {Bytes16}, n, 1, 0, 0, 0, null, 1 from generate_series(0, 100000) n;
        insert into idempotency select n % 100 + 1, n::text::bytea, sha256(n::text::bytea), 1, 1 from generate_series(0, 100000) n;
        insert into positions select n % 100 + 1, n::text::bytea, 1, null, null from generate_series(0, 100000) n;
        reset session_replication_role;
        analyze;
        """;

    /// <summary>Every question of readers and writer.</summary>
    private static readonly Type[] Askers = [typeof(PostgresQueries), typeof(HeldLines), typeof(HeldLogs)];

    [SkippableFact]
    public async Task No_question_scans_a_table()
    {
        await (await OpenAsync()).DisposeAsync();
        await AskAsync(Fill);
        await using var connection = new NpgsqlConnection(await Server.ConnectionStringAsync() + $";Search Path={Schema};Pooling=false");
        await connection.OpenAsync();
        await RunAsync(connection, "set plan_cache_mode = force_generic_plan"); // what a prepared statement comes to use
        List<string> scans = [];
        foreach (var question in Askers.SelectMany(asker => asker.GetFields()).Where(field => field.IsLiteral))
        {
            var sql = (string)question.GetRawConstantValue()!;
            var parameters = Parameter().Matches(sql).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
            await RunAsync(connection, $"prepare question as {sql}");
            var plan = await RunAsync(connection, $"explain (format json) execute question{(parameters == 0 ? "" : $"({string.Join(", ", Enumerable.Repeat("null", parameters))})")}");
            await RunAsync(connection, "deallocate question");
            scans.AddRange(ScansOf((string)plan!).Select(table => $"{question.Name} scans {table}"));
        }

        Assert.Empty(scans);
    }

    /// <summary>The tables that a plan in JSON scans.</summary>
    internal static List<string> ScansOf(string plan)
    {
        using var json = JsonDocument.Parse(plan);
        return [.. ScansOf(json.RootElement[0].GetProperty("Plan"))];
    }

    private static IEnumerable<string> ScansOf(JsonElement node)
    {
        if (node.GetProperty("Node Type").GetString() == "Seq Scan") yield return node.GetProperty("Relation Name").GetString()!;
        if (!node.TryGetProperty("Plans", out var below)) yield break;
        foreach (var plan in below.EnumerateArray())
            foreach (var scan in ScansOf(plan)) yield return scan;
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Parameter();
}
