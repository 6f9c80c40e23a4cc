namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What readers ask, each with an index that answers it: a test reads the plans.</summary>
internal static class PostgresQueries
{
    public const string LastPosition = "select position from events order by position desc limit 1";

    /// <summary>A page of the replay.</summary>
    public const string Segments = """
        select e.verified, e.hash, e.signature, e.header, e.payload, c.branch, e.position
        from (select * from events where position > $1 and position <= $2 order by position limit $3) e
        join chains c on c.chain = e.chain
        order by e.position
        """;

    /// <summary>A page of a line. What ends behind the range is found by the index; only then a bound on where it begins would be a scan.</summary>
    public const string Chain = """
        select e.verified, e.hash, e.signature, e.header, e.payload, s.branch
        from (
          select s.*, c.branch from chains c join segments s on s.chain = c.chain
          where c.agent = $1 and c.epoch = $2 and c.branch = $3 and s.last >= $4
            and s.last <= coalesce((select min(last) from segments where chain = c.chain and last >= $5), $5) and s.first <= $5
          order by s.last limit $6) s
        join events e on e.position between s.position and s.position + s.last - s.first
        order by s.last, e.position
        """;

    public const string Record = """
        select e.verified, e.hash, e.signature, e.header, e.payload, c.branch
        from chains c
        cross join lateral (select * from segments where chain = c.chain and last >= $4 order by last limit 1) s
        join events e on e.position = s.position + $4 - s.first
        where c.agent = $1 and c.epoch = $2 and c.branch = $3 and s.first <= $4
        """;

    /// <summary>In order, so that the index says it and not a scan of all logs.</summary>
    public const string Holders = """
        select agent from holders h
        where (select position from runs where holder = h.holder order by position limit 1) is not null
        order by agent
        """;

    /// <summary>A page of a log.</summary>
    public const string Runs = """
        select r.position, c.agent, c.epoch, c.branch, r.first, r.last, r.hop, r.receipt
        from (
          select r.* from holders h join runs r on r.holder = h.holder
          where h.agent = $1
            and r.position >= coalesce((select max(position) from runs where holder = h.holder and position <= $2), 0)
            and r.position + r.last - r.first >= $2
          order by r.position limit $3) r
        join chains c on c.chain = r.chain
        order by r.position
        """;

    public const string Run = """
        select r.position, c.agent, c.epoch, c.branch, r.first, r.last, r.hop, r.receipt
        from holders h
        join chains c on c.agent = $2 and c.epoch = $3 and c.branch = $4
        cross join lateral (select * from runs where holder = h.holder and chain = c.chain and last >= $5 order by last limit 1) r
        where h.agent = $1 and r.first <= $5
        """;

    public const string Receipt = $"select {ReceiptColumns} from holders h join receipts r on r.holder = h.holder where h.agent = $1 and r.number = $2";

    /// <summary>A page of an agent's receipts.</summary>
    public const string Receipts = $"""
        select {ReceiptColumns} from holders h join receipts r on r.holder = h.holder
        where h.agent = $1 and r.number > $2 order by r.number limit $3
        """;

    public const string Key = """
        select i.request_hash, c.agent, c.epoch, c.branch, i.sequence
        from holders h join idempotency i on i.holder = h.holder join chains c on c.chain = i.chain
        where h.agent = $1 and i.key = $2
        """;

    public const string Positions = """
        select p.subscription, p.position, c.agent, c.epoch, c.branch, p.sequence
        from holders h join positions p on p.holder = h.holder left join chains c on c.chain = p.chain
        where h.agent = $1 order by p.subscription
        """;

    public const string Mark = """
        update events e set verified = true
        from unnest($1::bytea[], $2::integer[], $3::integer[], $4::bigint[]) k (agent, epoch, branch, sequence)
        join chains c on c.agent = k.agent and c.epoch = k.epoch and c.branch = k.branch
        join segments s on s.chain = c.chain and s.last = k.sequence
        where e.position = s.position + s.last - s.first and not e.verified
        """;

    private const string ReceiptColumns = "r.number, r.peer, r.exchange, r.mode, r.at, r.bytes, r.outcome, r.detail, r.count";
}
