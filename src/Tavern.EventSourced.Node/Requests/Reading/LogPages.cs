using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Reads pages of a log: looks at it stretch by stretch, so that nobody waits long for the history, until there is a page or
/// enough was looked at for one request.</summary>
internal sealed class LogPages(Observers observers, LogFilter filter, int limit, bool texts, LookLimits? limits = null)
{
    private const int LimitMax = 1000; // entries of a page: about a megabyte of usual events

    private readonly LookLimits _limits = limits ?? new LookLimits();

    /// <summary>Checks a limit.</summary>
    /// <exception cref="RefusedException">It is out of range.</exception>
    public static void RequireLimit(int limit)
    {
        if (limit is < 1 or > LimitMax) throw RefusedException.Invalid($"The limit is {limit}; expected 1 to {LimitMax}.");
    }

    /// <summary>The first wanted events after a place.</summary>
    public async ValueTask<LogAnswer> ForwardAsync(long after, CancellationToken cancellationToken)
    {
        var (names, length) = await SizeAsync(cancellationToken);
        var (page, looked) = await LookAsync(new PlaceRange(after + 1, length), forward: true, cancellationToken);
        return await AnswerAsync(names, length, page, looked, looked.Last >= length, cancellationToken);
    }

    /// <summary>The last wanted events before a place, or the end.</summary>
    public async ValueTask<LogAnswer> BackwardAsync(long? before, CancellationToken cancellationToken)
    {
        var (names, length) = await SizeAsync(cancellationToken);
        var (page, looked) = await LookAsync(new PlaceRange(1, Math.Min(before - 1 ?? length, length)), forward: false, cancellationToken);
        page.Reverse();
        return await AnswerAsync(names, length, page, looked, looked.First == 1, cancellationToken);
    }

    private ValueTask<(NameTable Names, long Length)> SizeAsync(CancellationToken cancellationToken) =>
        observers.ReadAsync(filter.Holder, witness => (witness.Names, witness.History.LogLength(filter.Holder)), cancellationToken);

    /// <summary>A page in the order looked at, and which places that took. Looks for one more than fits, so as to know whether there is one.</summary>
    private async ValueTask<(List<LogPlace> Page, PlaceRange Looked)> LookAsync(PlaceRange all, bool forward, CancellationToken cancellationToken)
    {
        var (page, left, lookedBytes, pageBytes) = (new List<LogPlace>(), all, 0L, 0L);
        while (!left.IsEmpty && all.Count - left.Count < _limits.EventsMax && lookedBytes < _limits.BytesMax)
        {
            var stretch = await observers.Node.History.ReadAsync(history => LogStretch.Read(history, filter, left, _limits, forward), cancellationToken);
            (left, lookedBytes) = (stretch.Left, lookedBytes + stretch.Bytes);
            foreach (var place in stretch.Places)
            {
                if (!filter.Wants(place.Record)) continue;
                pageBytes += place.Record.Bytes;
                if (page.Count == limit || page.Count > 0 && pageBytes > _limits.PageBytesMax) return (page, all.UpTo(page[^1].Position, forward));
                page.Add(place);
            }
        }

        return (page, all.Without(left, forward));
    }

    private async ValueTask<LogAnswer> AnswerAsync(
        NameTable names, long length, List<LogPlace> page, PlaceRange looked, bool complete, CancellationToken cancellationToken)
    {
        var forks = await observers.ReadAsync(filter.Holder, witness => ForkPoints.Of(witness.History.Causality, witness.Clock), cancellationToken);
        var deliveries = new Deliveries(observers.Node.Store, filter.Holder, RefOf);
        var entries = new List<LogEntry>(page.Count);
        foreach (var (record, run, position) in page)
        {
            var view = RecordText.Show(record, names);
            var delivery = (await deliveries.OfAsync(run, position, cancellationToken)).Of(view.At);
            entries.Add(new LogEntry(texts ? view : view.WithoutPayload(), delivery, forks.IsQuarantined(record.Id)));
        }

        return new LogAnswer(RefOf(filter.Holder), length, entries, complete, looked.Last, looked.First > 1 ? looked.First : null, looked.First, looked.Last);

        AgentRef RefOf(AgentId agent) => new(agent.ToString(), names.DisplayNameOf(agent));
    }
}

/// <summary>An event at its place in a log.</summary>
internal readonly record struct LogPlace(EventRecord Record, Run Run, long Position);
