using System.Collections.Immutable;
using System.Text.Json;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>Handles an agent's log, event by event, in its order. One owner: the task that runs it.</summary>
internal sealed class SubscriptionRunner(
    TavernNode node, AgentId agent, string name, SubscriptionFeed feed, SubscriptionCursor cursor, Handler handler, SubscriptionProgress progress)
{
    private const int UntoldMax = 1000; // causes that a crash shows again at most, though they had no effect

    private const int PassedMax = 10_000; // events that a start looks at again at most, though they are not wanted

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1); // one sync a second at most for causes without effect
    private static readonly TimeSpan ReadRetry = TimeSpan.FromSeconds(1); // a store that cannot be read costs nothing meanwhile
    private static readonly TimeSpan FarewellMax = TimeSpan.FromMilliseconds(300); // a node stops within a second

    private long _seen; // everything up to here is handled, if not committed yet
    private int _untold; // handled without effect since the last step
    private bool _vouched; // before that it cannot emit

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _seen = cursor.Position;
        try
        {
            while (true) await AdvanceAsync(stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException || (stopping.IsCancellationRequested && e is OperationCanceledException or StoreUnavailableException))
        {
            await SayFarewellAsync().ConfigureAwait(false);
        }
    }

    private async Task AdvanceAsync(CancellationToken stopping)
    {
        try
        {
            if (!_vouched) await node.WaitUntilVouchedAsync(agent, stopping).ConfigureAwait(false);
            _vouched = true;
            var (wanted, end) = await feed.ReadAsync(_seen, stopping).ConfigureAwait(false);
            if (end == _seen)
            {
                await WaitAsync(stopping).ConfigureAwait(false);
                return;
            }

            foreach (var (record, position) in wanted)
                if (position > _seen) await HandleAsync(record, position, stopping).ConfigureAwait(false);
            _seen = Math.Max(_seen, end);
            if (_seen - cursor.Position >= PassedMax) await TellAsync(stopping).ConfigureAwait(false);
            else progress.Saw(cursor.Position, _seen);
        }
        catch (StoreUnavailableException) when (!stopping.IsCancellationRequested)
        {
            await Task.Delay(ReadRetry, node.Options.Time, stopping).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(EventRecord record, long position, CancellationToken stopping)
    {
        var started = node.Options.Time.GetTimestamp();
        var error = await TryAsync(record, position, stopping).ConfigureAwait(false);
        while (error is not null)
        {
            var decided = await progress.StopAsync(record.Id, error, stopping).ConfigureAwait(false);
            started = node.Options.Time.GetTimestamp(); // how long people took is no measure of the handler
            error = decided is Intervention.Skip(var reason)
                ? await TryStepAsync([Skipped(record.Id, error, reason)], position, stopping).ConfigureAwait(false)
                : await TryAsync(record, position, stopping).ConfigureAwait(false);
        }

        _seen = Math.Max(position, cursor.Position);
        progress.HandledOne(cursor.Position, _seen, node.Options.Time.GetElapsedTime(started));
    }

    /// <summary>Hands a cause to the handler and commits what it emits. Returns what went wrong for good, or null.</summary>
    private async Task<Exception?> TryAsync(EventRecord record, long position, CancellationToken stopping)
    {
        ImmutableArray<EventDraft> emitted;
        try
        {
            emitted = (await handler.HandleAsync(record, position, stopping).ConfigureAwait(false)).Emitted;
        }
#pragma warning disable CA1031 // whatever a handler throws is its failure: this subscription stops, nothing else does
        catch (Exception e)
#pragma warning restore CA1031
        {
            stopping.ThrowIfCancellationRequested(); // then it was told to give up
            return e;
        }

        return emitted.IsEmpty && ++_untold < UntoldMax ? null : await TryStepAsync(emitted, position, stopping).ConfigureAwait(false);
    }

    /// <summary>Commits what follows from a cause. Returns why it cannot be written, or null.</summary>
    private async Task<Exception?> TryStepAsync(ImmutableArray<EventDraft> emitted, long position, CancellationToken stopping)
    {
        try
        {
            progress.Emitted(await cursor.StepAsync(emitted, position, stopping).ConfigureAwait(false));
            Stepped();
            return null;
        }
        catch (AppendRefusedException e)
        {
            return e;
        }
    }

    /// <summary>Waits for news. What was handled without effect meanwhile is told after a moment of quiet.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        if (_untold > 0)
        {
            using var quiet = new CancellationTokenSource(Quiet, node.Options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, stopping);
            try
            {
                await node.WaitForNewsAsync(agent, _seen, either.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                await TellAsync(stopping).ConfigureAwait(false);
            }
        }

        await node.WaitForNewsAsync(agent, _seen, stopping).ConfigureAwait(false);
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await cursor.StepAsync([], _seen, cancellationToken).ConfigureAwait(false);
        Stepped();
        progress.Saw(cursor.Position, _seen);
    }

    /// <summary>A stop that is orderly shows nothing again.</summary>
    private async Task SayFarewellAsync()
    {
        if (_untold == 0 || cursor.Position >= _seen) return;
        using var enough = new CancellationTokenSource(FarewellMax);
        try
        {
            await TellAsync(enough.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or StoreUnavailableException)
        {
            // Those causes are seen again, which is harmless: they had no effect.
        }
    }

    private void Stepped() => _untold = 0;

    private EventDraft Skipped(EventId cause, Exception error, string? reason) => new(
        SubscriptionSkipped.Type, 1, JsonSerializer.SerializeToUtf8Bytes(new SubscriptionSkipped(name, cause.ToString(), reason, Failures.Of(error)), JsonSerializerOptions.Web))
    {
        Causes = [cause],
    };
}
