using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What a node's readers see: happens-before over all events, and per hosted agent its log and view. Fed with each commit
/// before anybody is told of it; the loop only leaves the news here and never waits for a reader. Safe for concurrent use.</summary>
public sealed class NodeHistory : IDisposable
{
    private const long BehindBytesMax = 64 * 1024 * 1024; // of news that wait for a reader to finish; then commits wait too
    private const long ReplayedBytesMax = 128 * 1024 * 1024; // decoded bodies kept from a start until the first commit: whoever looks at a view meanwhile needs all of them once
    private const long RecordBytesMax = 8 * 1024 * 1024; // afterwards: folds go on from where they are, so they need what came last; some 7,000 small ones

    private static readonly TimeSpan SettleRetry = TimeSpan.FromSeconds(1); // a store that cannot be read costs nothing meanwhile

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Queue<News> _news = [];
    private readonly CausalIndex _causality = new();
    private readonly CauseIndex _causes;
    private readonly SortedDictionary<AgentId, HeldLog> _logs = [];
    private readonly ChainOrigins _origins;
    private readonly EventFold _everything;
    private readonly RecordCache _records;
    private readonly HeldLines _lines;
    private readonly HistoryReader _reader;
    private bool _settling;
    private long _newsBytes;

    internal NodeHistory(IEventStore store, long replayedBytesMax = ReplayedBytesMax)
    {
        (_everything, _causes) = (new EventFold(_causality), new CauseIndex(_causality));
        _records = new RecordCache(store, replayedBytesMax);
        _lines = new HeldLines(_causality, _records.Read);
        _origins = new ChainOrigins(_lines.Find, _lines.RootOf);
        _reader = new HistoryReader(_causality, _causes, _origins, _logs, _everything, _records, _lines);
    }

    /// <summary>Reads under the gate: one reader at a time, and nothing changes meanwhile. Everything that was committed before the call
    /// is there. Keep it short, and let nothing but values out.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<HistoryReader, T> read, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Settle();
            return read(_reader);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <summary>An agent whose log is kept here from now on.</summary>
    internal bool Post(AgentId holder) => Post(new News(new StoreBatch(), holder));

    /// <summary>Takes a commit. Returns true when somebody should call <see cref="SettleAsync"/>.</summary>
    internal bool Post(StoreBatch batch) => Post(new News(batch, null));

    /// <summary>True when too much waits to be worked off: no commit should begin.</summary>
    internal bool IsBehind
    {
        get { lock (_lock) return _newsBytes > BehindBytesMax; }
    }

    /// <summary>Works off what was posted, so that it does not pile up while nobody reads. While the store cannot be read it is tried
    /// again and again: commits may be waiting for it, and nobody else may come.</summary>
    internal async Task SettleAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await ReadAsync(_ => true, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(SettleRetry, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes one segment and the runs' clocks at a start.</summary>
    internal void Replay(Segment segment)
    {
        Take(segment, _records.Offer);
        foreach (var record in segment.Records)
            foreach (var log in _logs.Values)
                if (log.Covers(record.Id)) log.Add(record);
    }

    /// <summary>Takes an agent's runs at a start, before the segments.</summary>
    internal void Replay(AgentId holder, IEnumerable<Run> runs, IEnumerable<Receipt> failures)
    {
        var log = _logs[holder] = new HeldLog(holder, _causality);
        foreach (var run in runs) log.Add(run);
        foreach (var failure in failures) log.Add(failure);
    }

    private bool Post(News news)
    {
        lock (_lock)
        {
            _news.Enqueue(news);
            _newsBytes += news.Bytes;
            if (_settling) return false;
            return _settling = true;
        }
    }

    /// <summary>Takes what was posted, one by one; what fails half way is taken again by the next reader, without harm.</summary>
    private void Settle()
    {
        while (true)
        {
            News news;
            lock (_lock)
            {
                if (!_news.TryPeek(out news))
                {
                    _settling = false;
                    return;
                }
            }

            if (news.NewHolder is { } holder) _logs.TryAdd(holder, new HeldLog(holder, _causality));
            if (!news.Batch.Segments.IsEmpty) _records.Shrink(RecordBytesMax);
            foreach (var (segment, _) in news.Batch.Segments) Take(segment, _records.Add);
            foreach (var run in news.Batch.Runs) Take(run);
            foreach (var receipt in news.Batch.Receipts) _logs[receipt.Holder].Add(receipt);
            lock (_lock)
            {
                _news.Dequeue();
                _newsBytes -= news.Bytes;
            }
        }
    }

    private void Take(Segment segment, Action<EventRecord> keep)
    {
        foreach (var record in segment.Records)
        {
            if (_causality.Contains(record.Id)) continue;
            _origins.Add(record);
            _causality.Append(record.Id, DependenciesOf(record), _lines.Left(record));
            _causes.Add(record.Id, record.Header.Causes);
            keep(record);
            _everything.Add(record);
        }
    }

    private void Take(Run run)
    {
        var log = _logs[run.Holder];
        if (run.Position <= log.Length) return;
        var records = new List<EventRecord>();
        for (var sequence = run.First; sequence <= run.Last; sequence++) records.Add(_records.Read(run.Chain[sequence]));
        log.Add(run);
        records.ForEach(log.Add);
    }

    /// <summary>A chain's first record also depends on what it builds on.</summary>
    private ImmutableArray<EventId> DependenciesOf(EventRecord record)
    {
        var said = record.Header.Deps is { } deps ? _lines.Heads(deps) : [];
        return record.Id.Sequence == 1 && _origins.Find(record) is OriginFinding.Found(var origin) ? said.AddRange(origin.Needs) : said;
    }

    private readonly record struct News(StoreBatch Batch, AgentId? NewHolder)
    {
        public long Bytes { get; } = Batch.Segments.Sum(stored => (long)stored.Segment.Bytes);
    }
}
