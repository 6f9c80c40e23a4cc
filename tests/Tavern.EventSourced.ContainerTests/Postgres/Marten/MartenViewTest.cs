using Npgsql;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Migrations;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>What tests of the views share: a store with the schema beside it, and questions to that schema.</summary>
public abstract class MartenViewTest(PostgresFixture server) : PostgresStoreTest(server)
{
    private protected string Marten => Schema + "_marten";

    private protected async Task<IReadOnlyList<MigrationStep>> ApplyAsync(string more = "") =>
        await PostgresMigrations.ApplyAsync(await Server.ConnectionStringAsync() + more, Schema, marten: true, DateTimeOffset.UnixEpoch, default);

    /// <summary>Asks as a reader does, who knows the views' schema only.</summary>
    private protected async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read, string more = "") =>
        await RowsAsync(await Server.ConnectionStringAsync() + more, Marten, sql, read);

    private protected static async Task<List<T>> RowsAsync<T>(string connectionString, string schema, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = new NpgsqlConnection(connectionString + $";Search Path={schema};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync();
        List<T> all = [];
        while (await rows.ReadAsync()) all.Add(read(rows));
        return all;
    }

    /// <summary>All rows as the log says they should be, in order of arrival.</summary>
    private protected static async Task<List<MartenRow>> ExpectedAsync(IEventStore store)
    {
        List<MartenRow> rows = [];
        var past = new PastOfRecords();
        await foreach (var segment in store.ReadSegmentsAsync(default))
            foreach (var record in segment.Segment.Records) rows.Add(MartenRow.Of(record, rows.Count + 1, JsonbText.Casts(record.Payload.Span), past.Next(record)));
        return rows;
    }
}
