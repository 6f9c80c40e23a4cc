using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Builds a new database from what can be read of a damaged one and from segments that a peer sent. The damaged one is not
/// touched. What holds is copied byte for byte, to where it was.</summary>
internal sealed class SqliteRebuild
{
    private static readonly TimeSpan BusyWait = TimeSpan.FromSeconds(5);

    private readonly StoreExpectation _expected;
    private readonly StoreCheck _check;
    private readonly ISignatureVerifier _verifier;
    private readonly SqliteDatabase _old;
    private readonly SqliteDatabase _new;
    private readonly DateTimeOffset _now;
    private long _left;

    private SqliteRebuild(StoreExpectation expected, StoreCheck check, ISignatureVerifier verifier, SqliteDatabase old, SqliteDatabase made, DateTimeOffset now) =>
        (_expected, _check, _verifier, _old, _new, _now) = (expected, check, verifier, old, made, now);

    /// <summary>Builds it at <paramref name="target"/>, an empty file.</summary>
    /// <param name="path">The damaged database.</param>
    /// <param name="target">Where to build.</param>
    /// <param name="expected">What it belongs to.</param>
    /// <param name="check">What the check of the damaged one found.</param>
    /// <param name="fetched">What a peer sent, checked.</param>
    /// <param name="peer">Whom receipts of what is delivered again name.</param>
    /// <param name="verifier">Checks signatures.</param>
    /// <param name="now">Dates those receipts.</param>
    public static RebuildReport Run(
        string path, string target, StoreExpectation expected, StoreCheck check, IReadOnlyList<Segment> fetched, AgentId peer, ISignatureVerifier verifier, DateTimeOffset now)
    {
        using var old = DamagedDatabase.Open(path, out _);
        using var made = SqliteDatabase.Open(target, SqliteOpenMode.ReadWrite, BusyWait);
        made.Execute("pragma journal_mode = delete; pragma synchronous = full;");
        SqliteSchema.Migrate(made, now);
        made.Execute("begin immediate");
        var rebuild = new SqliteRebuild(expected, check, verifier, old, made, now);
        rebuild.WriteEvents(fetched);
        var report = rebuild.WriteLogs(peer);
        made.Execute("commit");
        return report;
    }

    private void WriteEvents(IReadOnlyList<Segment> fetched)
    {
        var chained = fetched.Select(segment => (Chain: _check.Chain(segment.Chain), Segment: segment)).ToList();
        var nextKey = _check.Chains.Values.Select(chain => chain.Key).DefaultIfEmpty().Max() + 1;
        var keys = _check.Chains.Values.ToDictionary(chain => chain, chain => chain.Key != 0 ? chain.Key : nextKey++);
        var layout = EventLayout.Of(_check, chained);
        var writer = new EventRows(_old, _new);
        foreach (var item in layout)
        {
            switch (item)
            {
                case LaidOut.Kept(var chain, var segment):
                    writer.Copy(segment, item.Position, keys[chain]);
                    writer.AddSegment(keys[chain], segment.First, segment.Last, item.Position);
                    break;
                case LaidOut.Fetched(var chain, var segment):
                    writer.Add(segment, item.Position, keys[chain]);
                    writer.AddSegment(keys[chain], segment.First, segment.Last, item.Position);
                    break;
                case LaidOut.Damaged(var was):
                    if (writer.TryCopy(was, item.Position)) _left++;
                    break;
            }
        }

        foreach (var chain in _check.Chains.Values)
            if (!chain.IsEmpty || chained.Exists(item => item.Chain == chain))
                _new.Prepare("insert into chains (chain, agent, epoch, branch) values (@chain, @agent, @epoch, @branch)")
                    .Bind(1, keys[chain]).Bind(2, chain.Id.Agent).Bind(3, chain.Id.Epoch).Bind(4, NumberOf(chain)).Run();
    }

    /// <summary>The number of a line; of a chain whose first line has lost its number, the lowest line that begins at 1 is that one.</summary>
    private int NumberOf(CheckedChain chain) =>
        _check.Chains.ContainsKey(chain.Id.Main) || _check.Chains.Values.FirstOrDefault(line => line.Id.Main == chain.Id.Main && line.First == 1) != chain ? chain.Id.Branch : 0;

    private RebuildReport WriteLogs(AgentId peer)
    {
        // What is held now, as the new file itself shows it.
        var held = new StoreCheck(_expected, _verifier, new Findings(0));
        foreach (var row in new SqliteScan(_new, (_, _, _) => { }).Rows()) held.Add(row);
        var rows = new List<StoredRow>();
        foreach (var row in new SqliteScan(_old, (_, _, _) => { }).Rows())
            if (row is not StoredRow.Event and not StoredRow.Segment and not StoredRow.Chain) rows.Add(row);
        var (redelivered, lostReceipts, lostKeys, setBack) = (0L, 0L, 0L, 0L);
        var others = held.Chains.Values.ToHashSet();
        var holders = HolderRows.Of(rows, _check, _expected);
        foreach (var (key, agent) in holders.Reverse())
        {
            _new.Prepare("insert into holders (holder, agent) values (@holder, @agent)").Bind(1, key).Bind(2, agent).Run();
            var runs = rows.OfType<StoredRow.Run>().Where(run => run.HolderKey == key).ToList();
            var receipts = new ReceiptRows(_new, held, key, peer, _now, [.. rows.OfType<StoredRow.Receipt>().Where(receipt => receipt.HolderKey == key)], runs);
            var rebuild = new LogRebuild(agent, held.Chains, receipts.MayBeDelivery, receipts.Last + 1);
            // What no log here has goes to the first, which is made last: somebody here had delivered it, or it would not be held.
            var log = rebuild.Make(key, runs, key == holders.Keys.First() ? others : []);
            foreach (var run in log) AddRun(run);
            foreach (var run in log) if (held.Chains.Values.FirstOrDefault(chain => chain.Key == run.ChainKey) is { } chain && run.Last == chain.Head) others.Remove(chain);
            receipts.Write(log.Select(run => run.ReceiptNumber).ToHashSet());
            redelivered += rebuild.Redelivered;
            lostReceipts += receipts.Lost;
            foreach (var entry in rows.OfType<StoredRow.Idempotency>().Where(entry => entry.HolderKey == key))
                if (!TryAddKey(entry, agent, held)) lostKeys++;
            var stays = Math.Min(rebuild.MovedFrom - 1 ?? long.MaxValue, log.Sum(run => run.Last - run.First + 1));
            foreach (var position in rows.OfType<StoredRow.Subscription>().Where(position => position.HolderKey == key))
                if (!TryAddPosition(position, agent, held, stays)) setBack++;
        }

        _new.Prepare("insert into owner (id, token, description) values (1, @token, 'a repair')").Bind(1, Math.Max(1, Token() + 1)).Run();
        return new RebuildReport(redelivered, lostReceipts, lostKeys, setBack, _left);
    }

    private void AddRun(StoredRow.Run run) => _new.Prepare("""
        insert into runs (holder, position, chain, first, last, hop, receipt) values (@holder, @position, @chain, @first, @last, @hop, @receipt)
        """).Bind(1, run.HolderKey).Bind(2, run.Position).Bind(3, run.ChainKey).Bind(4, run.First).Bind(5, run.Last).Bind(6, run.Hop).Bind(7, run.ReceiptNumber).Run();

    private bool TryAddKey(StoredRow.Idempotency entry, AgentId agent, StoreCheck held)
    {
        var chain = held.Chains.Values.FirstOrDefault(chain => chain.Key == entry.ChainKey);
        if (chain is null || chain.Id.Agent != agent || entry.Sequence < chain.First || entry.Sequence > chain.Head || entry.Key.Length is 0 or > 255 || entry.RequestHash.Length != Hash.Bytes) return false;
        _new.Prepare("insert into idempotency (holder, key, request_hash, chain, sequence) values (@holder, @key, @request_hash, @chain, @sequence)")
            .Bind(1, entry.HolderKey).Bind(2, entry.Key).Bind(3, entry.RequestHash.Span).Bind(4, entry.ChainKey).Bind(5, entry.Sequence).Run();
        return true;
    }

    /// <summary>False when the subscription had to be set back or left out.</summary>
    private bool TryAddPosition(StoredRow.Subscription row, AgentId agent, StoreCheck held, long stays)
    {
        if (row.Name.Length is 0 or > 255 || row.At < 0 || row.ChainKey is null != row.Sequence is null) return false;
        var chain = held.Chains.Values.FirstOrDefault(chain => chain.Key == row.ChainKey);
        if (row.ChainKey is not null && (chain is null || chain.Id.Agent != agent || row.Sequence < chain.First || row.Sequence > chain.Head)) return false;
        var write = _new.Prepare("insert into positions (holder, subscription, position, chain, sequence) values (@holder, @subscription, @position, @chain, @sequence)")
            .Bind(1, row.HolderKey).Bind(2, row.Name).Bind(3, Math.Min(row.At, stays));
        if (row is { ChainKey: { } key, Sequence: { } sequence }) write.Bind(4, key).Bind(5, sequence);
        else write.BindNull(4).BindNull(5);
        write.Run();
        return row.At <= stays;
    }

    private long Token()
    {
        try
        {
            return _old.FindInt64("select token from owner") ?? 0;
        }
        catch (StoreUnavailableException)
        {
            return 0; // nobody can be fenced by a file that is put aside
        }
    }
}
