using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Which events of a log are wanted.</summary>
/// <param name="Holder">Whose log.</param>
/// <param name="Writer">Only this agent's events; null for everybody's.</param>
/// <param name="Types">Only these types; empty for all.</param>
internal sealed record LogFilter(AgentId Holder, AgentId? Writer, IReadOnlyList<string> Types)
{
    public bool Wants(HistoryReader history, EventId id) =>
        (Writer is not { } writer || id.Agent == writer) && (Types.Count == 0 || Types.Contains(history.Record(id).Header.Type));
}

/// <summary>Reads pages of a log, a stretch at a time so that nobody waits long for the history.</summary>
internal sealed class LogPages(Observers observers)
{
    private const int LimitMax = 1000; // a page of about a megabyte
    private const long Stretch = 2000; // events looked at under the gate at once
    private const long ScannedMax = 200_000; // events looked at for one answer; then it says that it is not complete

    /// <summary>Checks a limit.</summary>
    /// <exception cref="RefusedException">It is out of range.</exception>
    public static void RequireLimit(int limit)
    {
        if (limit is < 1 or > LimitMax) throw RefusedException.Invalid($"The limit is {limit}; expected 1 to {LimitMax}.");
    }

    /// <summary>The first wanted events after a position.</summary>
    public async ValueTask<LogAnswer> ForwardAsync(LogFilter filter, long after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<Found>();
        var (names, length) = await SizeAsync(filter, cancellationToken);
        var position = after;
        while (position < length && found.Count < limit && position - after < ScannedMax)
        {
            found.AddRange(await ReadAsync(filter, position + 1, Math.Min(Stretch, length - position), cancellationToken));
            position = Math.Min(length, position + Stretch);
        }

        var complete = position >= length && found.Count <= limit;
        if (found.Count > limit) found.RemoveRange(limit, found.Count - limit);
        var next = complete || found.Count < limit ? position : found[^1].Position;
        long? previous = found.Count > 0 && found[0].Position > 1 ? found[0].Position : null;
        return await PageAsync(filter, names, length, found, complete, Math.Max(next, after), previous, cancellationToken);
    }

    /// <summary>The last wanted events before a position.</summary>
    public async ValueTask<LogAnswer> BackwardAsync(LogFilter filter, long? before, int limit, CancellationToken cancellationToken)
    {
        var found = new List<Found>();
        var (names, length) = await SizeAsync(filter, cancellationToken);
        var end = Math.Min(before - 1 ?? length, length);
        var position = end; // everything above it was looked at
        while (position > 0 && found.Count < limit && end - position < ScannedMax)
        {
            var from = Math.Max(1, position - Stretch + 1);
            found.InsertRange(0, await ReadAsync(filter, from, position - from + 1, cancellationToken));
            position = from - 1;
        }

        var complete = position == 0 && found.Count <= limit;
        if (found.Count > limit) found.RemoveRange(0, found.Count - limit);
        long? previous = complete ? null : found.Count == limit ? found[0].Position : position + 1;
        return await PageAsync(filter, names, length, found, complete, end, previous, cancellationToken);
    }

    private ValueTask<(NameTable Names, long Length)> SizeAsync(LogFilter filter, CancellationToken cancellationToken) =>
        observers.ReadAsync(filter.Holder, witness => (witness.Names, witness.History.LogLength(filter.Holder)), cancellationToken);

    private ValueTask<List<Found>> ReadAsync(LogFilter filter, long from, long count, CancellationToken cancellationToken) =>
        observers.Node.History.ReadAsync(
        history => LogWindow.Read(history, filter.Holder, from, count)
            .Where(entry => filter.Wants(history, entry.Id))
            .Select(entry => new Found(history.Record(entry.Id), entry.Run, entry.Position))
            .ToList(),
        cancellationToken);

    private async ValueTask<LogAnswer> PageAsync(
        LogFilter filter, NameTable names, long length, List<Found> found, bool complete, long next, long? previous, CancellationToken cancellationToken)
    {
        var deliveries = new Deliveries(observers.Node.Store, filter.Holder, RefOf);
        var entries = new List<LogEntry>(found.Count);
        foreach (var (record, run, position) in found)
            entries.Add(new LogEntry(RecordText.Show(record, names), await deliveries.OfAsync(run, position, cancellationToken)));
        return new LogAnswer(RefOf(filter.Holder), length, entries, complete, next, previous);

        AgentRef RefOf(AgentId agent) => new(agent.ToString(), names.DisplayNameOf(agent));
    }

    private readonly record struct Found(EventRecord Record, Run Run, long Position);
}
