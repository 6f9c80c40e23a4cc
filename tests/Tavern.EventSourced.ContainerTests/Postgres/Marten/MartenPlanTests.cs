namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>What the server does for the questions of a Marten application, with more rows than a scan would be chosen for.</summary>
public sealed class MartenPlanTests(PostgresFixture server) : MartenViewTest(server)
{
    /// <summary>Parameters as an application near the end of a log gives them: the server plans with their values.</summary>
    [SkippableTheory]
    [InlineData(MartenQueries.Page, "99000, 100000")]
    [InlineData(MartenQueries.Page, "0, 100000")]
    [InlineData(MartenQueries.PageOfTypes, "99000, 100000, '{note}'")]
    [InlineData(MartenQueries.PageOfTypes, "0, 100000, '{note}'")]
    [InlineData(MartenQueries.Stream, "(select stream_id from chains where chain = 7)")]
    [InlineData(MartenQueries.StreamToVersion, "(select stream_id from chains where chain = 7), 3")]
    [InlineData(MartenQueries.ById, "(select encode(substring(hash for 16), 'hex') from events where position = 50000)")]
    [InlineData(MartenQueries.State, "(select stream_id from chains where chain = 7)")]
    [InlineData(MartenQueries.HighWater, "")]
    [InlineData(MartenQueries.Gaps, "99990")]
    public async Task No_question_of_a_reader_scans_a_table(string question, string parameters)
    {
        await (await OpenAsync()).DisposeAsync();
        await ApplyAsync();
        await AskAsync(PostgresPlanTests.Fill);
        await AskAsync($"insert into {Marten}.clocks select n, 1, array[1, 2], array[1, 1] from generate_series(1, 20000) n; analyze {Marten}.clocks");
        var values = await RowsAsync(await Server.ConnectionStringAsync(), Schema, $"select {(parameters.Length == 0 ? "1" : parameters)}", row => Enumerable.Range(0, row.FieldCount).Select(row.GetValue).ToList());
        for (var i = values[0].Count; i >= 1; i--)
            question = question.Replace($"${i}", values[0][i - 1] is string text ? $"'{text}'" : values[0][i - 1].ToString(), StringComparison.Ordinal);
        var plan = await RowsAsync($"explain (format json) {question}", row => row.GetString(0));
        Assert.Empty(PostgresPlanTests.ScansOf(plan.Single()));
    }
}
