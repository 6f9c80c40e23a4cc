using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Writes steps of subscriptions, in the transaction that writes what was emitted.</summary>
internal sealed class PositionWriter(SqliteDatabase database, BodyWriter bodies, LogWriter logs)
{
    private readonly SqliteStatement _find = database.Prepare("""
        select p.subscription, p.position, c.agent, c.epoch, c.branch, p.sequence from positions p left join chains c on c.chain = p.chain
        where p.holder = @holder and p.subscription = @subscription
        """);

    private readonly SqliteStatement _put = database.Prepare("""
        insert into positions (holder, subscription, position, chain, sequence)
        values (@holder, @subscription, @position, @chain, @sequence)
        on conflict (holder, subscription) do update
        set position = excluded.position, chain = excluded.chain, sequence = excluded.sequence
        """);

    /// <summary>Moves a subscription, or skips a step that was its last.</summary>
    /// <exception cref="StoreConflictException">It stands elsewhere, the step leads backwards or past the log's end, or what it emitted
    /// is not held.</exception>
    public void Add(PositionStep step)
    {
        var holder = logs.HolderToChange(step.Agent);
        var chain = step.By is { } by ? ChainOf(step, by) : null;
        var held = Find(step, holder);
        if (held == step.Reached) return;
        StoreConflicts.RequireLegal(step, held, logs.EndOf(holder));
        _put.Bind(1, holder).Bind(2, step.Subscription).Bind(3, step.To);
        if (chain is { } key) _put.Bind(4, key).Bind(5, step.By!.Value.Sequence).Run();
        else _put.BindNull(4).BindNull(5).Run();
    }

    private long? ChainOf(PositionStep step, EventId by) => bodies.Holds(by) && bodies.Find(by.Chain) is { } chain
        ? chain.Key
        : throw StoreConflicts.EmittedIsMissing(step);

    private SubscriptionPosition? Find(PositionStep step, long holder)
    {
        if (!_find.Bind(1, holder).Bind(2, step.Subscription).Step()) return null;
        var held = SqliteReader.PositionOf(_find, step.Agent);
        _find.Reset();
        return held;
    }
}
