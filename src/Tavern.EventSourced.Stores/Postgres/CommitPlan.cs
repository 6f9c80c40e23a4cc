using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>Holds a batch against what is held, by the rules of every store, and says what to write. It changes what the writer remembers as it
/// goes: when it throws, or the write fails, that must be forgotten.</summary>
internal sealed class CommitPlan(HeldLines lines, HeldLogs logs, long lastPosition)
{
    private readonly List<HeldLine> _changed = [];
    private readonly HashSet<Run> _runs = []; // those to write
    private readonly Dictionary<(AgentId, long), Receipt> _receipts = [];
    private readonly HashSet<(AgentId, string)> _steps = [];

    /// <summary>What to write.</summary>
    public CommitRows Rows { get; } = new();

    /// <summary>Position of the last event, once it is written.</summary>
    public long LastPosition { get; private set; } = lastPosition;

    /// <summary>Places that logs get by it.</summary>
    public long Delivered { get; private set; }

    /// <summary>Plans a batch. What it needs to know is looked up at once for all of it.</summary>
    /// <exception cref="StoreConflictException">It contradicts what is held.</exception>
    public async Task AddAsync(StoreBatch batch)
    {
        await LoadAsync(batch);
        foreach (var segment in batch.Segments) await AddAsync(segment);
        await logs.LoadDeliveredAsync(batch.Runs.SelectMany(run => lines.Of(run.Chain).Select(line => (logs.Of(run.Holder), line))));
        foreach (var run in batch.Runs) await AddAsync(run);
        foreach (var receipt in batch.Receipts) Add(receipt);
        var keys = await logs.FindKeysAsync(batch.IdempotencyEntries);
        foreach (var entry in batch.IdempotencyEntries) Add(entry, keys);
        await logs.LoadPositionsAsync(batch.PositionSteps);
        foreach (var step in batch.PositionSteps) Add(step);

        foreach (var receipt in _receipts.Values) Rows.Receipts.Add(receipt, logs.Of(receipt.Holder).Key);
        foreach (var (agent, subscription) in _steps)
        {
            var (log, reached) = (logs.Of(agent), logs.Of(agent).Positions[subscription]!);
            Rows.Positions.Add(reached, log.Key, reached.By is { } by ? lines.Find(by.Chain)!.Key : null);
        }
    }

    /// <summary>Everything was written.</summary>
    public void Written()
    {
        foreach (var line in _changed) line.Pending.Clear();
    }

    private async Task LoadAsync(StoreBatch batch)
    {
        await lines.LoadAsync([
            .. batch.Segments.Select(stored => stored.Segment.Chain),
            .. batch.Runs.Select(run => run.Chain),
            .. batch.IdempotencyEntries.Select(entry => entry.Event.Chain),
            .. batch.PositionSteps.Where(step => step.By is not null).Select(step => step.By!.Value.Chain),
        ]);
        await logs.LoadAsync(
            [
                .. batch.Runs.Select(run => run.Holder),
                .. batch.Receipts.Select(receipt => receipt.Holder),
                .. batch.IdempotencyEntries.Select(entry => entry.Agent),
                .. batch.PositionSteps.Select(step => step.Agent),
            ],
            begun => Rows.Holders.Add(begun.Key, begun.Holder));
    }

    private async ValueTask AddAsync(StoredSegment added)
    {
        var segment = added.Segment;
        var line = lines.Find(segment.Chain);
        if (segment.Last <= (line?.Head ?? 0))
        {
            await SkipAsync(added, line!);
            return;
        }

        if (line is not null || segment.Chain.Branch == 0)
        {
            var head = line?.Head ?? 0;
            if (segment.First != head + 1) throw StoreConflicts.DoesNotContinueChain(segment, head);
            if (line is not null && segment.Records[0].Header.Previous != line.HeadHash) throw StoreConflicts.NamesAnotherPredecessor(segment);
        }
        else if (segment.First > 1 && (await lines.OthersWithAsync(segment.Chain, segment.First - 1, segment.Records[0].Header.Previous)).Count == 0)
        {
            throw StoreConflicts.LeavesNoLine(segment);
        }

        if (await lines.OthersWithAsync(segment.Chain, segment.Last, segment.HeadHash) is [var (elsewhere, sequence), ..])
            throw StoreConflicts.HeldOnAnotherLine(segment, elsewhere.Id[sequence]);
        if (line is null)
        {
            line = lines.Add(segment.Chain);
            (line.First, line.Previous) = (segment.First, segment.Records[0].Header.Previous);
            Rows.Chains.Add(line.Key, line.Id);
        }

        Rows.Segments.Add(segment, line.Key, LastPosition + 1);
        Rows.Events.Add(added, line.Key, LastPosition + 1);
        if (line.Pending.Count == 0) _changed.Add(line);
        line.Pending.Add((segment, LastPosition + 1));
        LastPosition += segment.Records.Length;
        (line.Head, line.HeadHash) = (segment.Last, segment.HeadHash);
    }

    private async Task SkipAsync(StoredSegment retried, HeldLine line)
    {
        var segment = retried.Segment;
        if (segment.First < line.First) throw StoreConflicts.AnotherRecordIsHeld(segment.Chain[segment.First]);
        var held = await lines.RecordsAsync(line, segment.First, segment.Last);
        for (var i = 0; i < held.Count; i++)
            if (held[i].Hash != segment.Records[i].Hash) throw StoreConflicts.AnotherRecordIsHeld(segment.Records[i].Id);
        if (retried.Verified && held[^1].First == segment.First && held[^1].Last == segment.Last) Rows.Checked.Add(held[^1].Position, segment.Signature);
    }

    private async ValueTask AddAsync(Run run)
    {
        var (log, line) = (logs.Of(run.Holder), lines.Find(run.Chain));
        if (run.Position <= log.End)
        {
            if (line is null || !(_runs.Contains(run) || await logs.HoldsAsync(run, log, line))) throw StoreConflicts.AnotherRunIsHeld(run);
            return;
        }

        if (run.Position != log.End + 1) throw StoreConflicts.DoesNotContinueLog(run, log.End);
        var last = line is null ? 0 : log.Delivered[line.Key];
        var delivered = last > 0 ? last : (line?.First ?? 1) - 1;
        if (run.First != delivered + 1 || run.Last < run.First) throw StoreConflicts.DeliversOutOfTurn(run, delivered);
        if (line is null || run.Last > line.Head) throw StoreConflicts.BodiesAreMissing(run, line?.Head ?? 0);
        if (last == 0 && delivered > 0)
        {
            var before = await lines.OthersWithAsync(run.Chain, line.First - 1, line.Previous);
            if (!before.Exists(held => log.Delivered[held.Line.Key] >= held.Sequence)) throw StoreConflicts.LeavesNoDeliveredLine(run);
        }

        Rows.Runs.Add(run, log.Key, line.Key);
        _runs.Add(run);
        Delivered += run.Count;
        (log.End, log.Delivered[line.Key]) = (run.LastPosition, run.Last);
    }

    private void Add(Receipt receipt)
    {
        if (_receipts.TryGetValue((receipt.Holder, receipt.Number), out var earlier) && earlier.Count > receipt.Count) return;
        _receipts[(receipt.Holder, receipt.Number)] = receipt;
    }

    private void Add(IdempotencyEntry entry, Dictionary<(AgentId, string), IdempotencyEntry> held)
    {
        if (lines.Find(entry.Event.Chain) is not { } line || !line.Holds(entry.Event.Sequence)) throw StoreConflicts.KeyIsTaken(entry, heldEvent: null);
        if (held.TryGetValue((entry.Agent, entry.Key), out var earlier))
        {
            if (earlier != entry) throw StoreConflicts.KeyIsTaken(entry, earlier.Event);
            return;
        }

        held.Add((entry.Agent, entry.Key), entry);
        Rows.Keys.Add(entry, logs.Of(entry.Agent).Key, line.Key);
    }

    private void Add(PositionStep step)
    {
        var log = logs.Of(step.Agent);
        if (step.By is { } by && lines.Find(by.Chain)?.Holds(by.Sequence) is not true) throw StoreConflicts.EmittedIsMissing(step);
        var held = log.Positions[step.Subscription];
        if (held == step.Reached) return;
        StoreConflicts.RequireLegal(step, held, log.End);
        log.Positions[step.Subscription] = step.Reached;
        _steps.Add((step.Agent, step.Subscription));
    }
}
