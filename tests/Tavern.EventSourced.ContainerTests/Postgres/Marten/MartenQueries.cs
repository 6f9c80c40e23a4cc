namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>What a Marten 9 application asks, as seen in a server's log. Parameters are bigint but where they say otherwise.</summary>
internal static class MartenQueries
{
    private const string Selected = "d.data, d.type, d.mt_dotnet_type, d.bdata, d.seq_id, d.id, d.stream_id, d.version, d.timestamp, d.tenant_id, d.correlation_id, d.causation_id, d.headers, d.is_archived";

    /// <summary>A page of the daemon.</summary>
    public const string Page = $"""
        select {Selected}, s.type as stream_type from mt_events as d inner join mt_streams as s on d.stream_id = s.id
        where d.seq_id > $1 and d.seq_id <= $2 and d.is_archived = false order by d.seq_id limit 500
        """;

    /// <summary>A page of a projection that wants some types.</summary>
    public const string PageOfTypes = $"""
        select {Selected}, s.type as stream_type from mt_events as d inner join mt_streams as s on d.stream_id = s.id
        where d.seq_id > $1 and d.seq_id <= $2 and d.type = any($3::varchar[]) and d.is_archived = false order by d.seq_id limit 500
        """;

    /// <summary>FetchStreamAsync; AggregateStreamAsync.</summary>
    public const string Stream = $"select {Selected} from mt_events as d where d.is_archived = false and d.stream_id = $1::varchar order by d.seq_id";

    /// <summary>The same up to a version.</summary>
    public const string StreamToVersion =
        $"select {Selected} from mt_events as d where d.is_archived = false and d.stream_id = $1::varchar and d.version <= $2 order by d.version";

    /// <summary>LoadAsync.</summary>
    public const string ById = $"select {Selected} from mt_events as d where d.id = $1::uuid";

    /// <summary>FetchStreamStateAsync.</summary>
    public const string State = "select id, version, type, timestamp, created, is_archived from mt_streams where id = $1::varchar";

    /// <summary>How far the log is; every poll of the daemon.</summary>
    public const string HighWater = "select (select last_value from mt_events_sequence), (select case when is_called then last_value else last_value - 1 end from mt_events_sequence)";

    /// <summary>Holes above the daemon's mark.</summary>
    public const string Gaps = """
        select
          (select min(seq_id) from mt_events where seq_id > $1),
          (select seq_id from (select seq_id, lead(seq_id) over (order by seq_id) as next_seq from mt_events where seq_id >= $1) gaps
           where next_seq is not null and next_seq - seq_id > 1 order by seq_id limit 1),
          (select max(seq_id) from mt_events where seq_id >= $1)
        """;
}
