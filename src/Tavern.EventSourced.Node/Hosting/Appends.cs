using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Takes appends from clients: once per idempotency key, bounded in number, bytes and time. Safe for concurrent use.</summary>
internal sealed class Appends(NodeLoop loop, AppendQueue queue, IEventStore store, TimeProvider time, TimeSpan waitMax, Outstanding outstanding)
{
    private const int SlicesPerWait = 10; // how closely an import watches whether the store is down

    private static readonly TimeSpan ImportWaitMax = TimeSpan.FromMinutes(5); // the largest history on a slow disk of a busy machine

    private readonly ConcurrentDictionary<(AgentId Agent, string Key), KeyedAppend> _keyed = [];

    /// <summary>Appends, or returns what an equal request under the same key appended.</summary>
    public async ValueTask<ImmutableArray<EventId>> AppendAsync(
        AgentId agent, ImmutableArray<EventDraft> drafts, AppendConditions conditions, CancellationToken cancellationToken)
    {
        if (conditions.IdempotencyKey is not { } key)
        {
            var pending = new PendingAppend(agent, drafts, conditions.ExpectedHead, null, default, conditions.Handled);
            await EnqueueAsync(pending, cancellationToken).ConfigureAwait(false);
            return await WaitAsync(pending.Done, waitMax, pending.TryWithdraw, cancellationToken).ConfigureAwait(false);
        }

        // Who is first carries the request out, whatever becomes of its caller; everybody waits for the same outcome.
        var mine = new KeyedAppend(RequestHash(drafts, conditions.Handled));
        var keyed = _keyed.GetOrAdd((agent, key), mine);
        if (ReferenceEquals(keyed, mine))
            outstanding.Start(token => CarryOutAsync(mine, new PendingAppend(agent, drafts, conditions.ExpectedHead, key, mine.RequestHash, conditions.Handled), token));
        else if (keyed.RequestHash != mine.RequestHash) throw new IdempotencyConflictException(agent, key);
        return await WaitAsync(keyed.Done.Task, waitMax, () => false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Appends the events that vouch for the historians of recorded histories, and with them the histories. A slow store may take
    /// minutes over them; one that is down is given up on as soon as by any other append.</summary>
    public async ValueTask ImportAsync(AgentId agent, ImmutableArray<RecordedChains> histories, CancellationToken cancellationToken)
    {
        var pending = new PendingAppend(agent, [.. histories.Select(history => history.Spawn)], null, null, default, histories: histories);
        await EnqueueAsync(pending, cancellationToken).ConfigureAwait(false);
        await WaitForImportAsync(pending, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>SHA-256 over what would be written: types, versions, causes and payloads, and the subscription that moves. The trace is
    /// left out: a retry has its own.</summary>
    private static Hash RequestHash(ImmutableArray<EventDraft> drafts, HandledUpTo? handled)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var draft in drafts)
        {
            Append(Encoding.UTF8.GetBytes(draft.Type));
            Append(BitConverter.GetBytes(draft.TypeVersion));
            Append(Encoding.UTF8.GetBytes(string.Join(' ', draft.Causes)));
            Append(draft.Payload.Span);
        }

        if (handled is not null)
        {
            Append(Encoding.UTF8.GetBytes(handled.Subscription));
            Append(BitConverter.GetBytes(handled.Position));
        }

        return new Hash(sha.GetHashAndReset());

        void Append(ReadOnlySpan<byte> part)
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            sha.AppendData(length);
            sha.AppendData(part);
        }
    }

    private async Task CarryOutAsync(KeyedAppend keyed, PendingAppend pending, CancellationToken stopping)
    {
        try
        {
            var events = await FindAsync(pending, stopping).ConfigureAwait(false);
            if (events.IsEmpty)
            {
                await EnqueueAsync(pending, stopping).ConfigureAwait(false);
                events = await pending.Done.WaitAsync(stopping).ConfigureAwait(false);
            }

            keyed.Done.TrySetResult(events);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            keyed.Done.TrySetException(Stopping());
        }
        catch (Exception e) when (e is AppendRefusedException or PositionMovedException or IdempotencyConflictException or StoreUnavailableException)
        {
            keyed.Done.TrySetException(e);
        }
        finally
        {
            // The store knows the key by now, or nothing was written under it.
            _keyed.TryRemove(KeyValuePair.Create((pending.Agent, pending.Key!), keyed));
        }
    }

    private async ValueTask<ImmutableArray<EventId>> FindAsync(PendingAppend pending, CancellationToken cancellationToken)
    {
        if (await store.FindIdempotencyAsync(pending.Agent, pending.Key!, cancellationToken).ConfigureAwait(false) is not { } entry) return [];
        if (entry.RequestHash != pending.RequestHash) throw new IdempotencyConflictException(pending.Agent, pending.Key!);
        return [.. Enumerable.Range(0, pending.Drafts.Length).Select(i => entry.Event.Chain[entry.Event.Sequence + i])];
    }

    private async ValueTask EnqueueAsync(PendingAppend pending, CancellationToken cancellationToken)
    {
        queue.Enter(pending);
        try
        {
            await loop.PostAsync(new LoopInput.Append(pending), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            queue.Leave(pending);
            throw;
        }
        catch (ChannelClosedException)
        {
            throw Stopping();
        }
    }

    private async ValueTask<ImmutableArray<EventId>> WaitAsync(
        Task<ImmutableArray<EventId>> done, TimeSpan longest, Func<bool> tryWithdraw, CancellationToken cancellationToken)
    {
        try
        {
            return await done.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            tryWithdraw();
            throw;
        }
        catch (TimeoutException e)
        {
            throw NotCommitted(longest, tryWithdraw(), "Repeat the request with the same idempotency key, or read the log first.", e);
        }
    }

    private async ValueTask WaitForImportAsync(PendingAppend pending, CancellationToken cancellationToken)
    {
        var (slice, waited, down) = (waitMax / SlicesPerWait, TimeSpan.Zero, TimeSpan.Zero);
        while (true)
        {
            try
            {
                await pending.Done.WaitAsync(slice, time, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                pending.TryWithdraw();
                throw;
            }
            catch (TimeoutException e)
            {
                waited += slice;
                down = queue.StoreDown is null ? TimeSpan.Zero : down + slice;
                if (down >= waitMax || waited >= ImportWaitMax)
                    throw NotCommitted(waited, pending.TryWithdraw(), "A node that goes on running tries further; import again later: what is there by then is left alone.", e);
            }
        }
    }

    private StoreUnavailableException NotCommitted(TimeSpan waited, bool withdrawn, string otherwise, TimeoutException inner) => new(
        (withdrawn && queue.IsHeld
            ? $"Within {waited.TotalSeconds} s it did not become known whether the agent's log is complete, which other agents are asked at a start; nothing was written. tavern status says whom it waits for. Try again later."
            : withdrawn
            ? $"The store did not commit within {waited.TotalSeconds} s; nothing was written. Try again later."
            : $"The store did not commit within {waited.TotalSeconds} s and the events may still be written. {otherwise}") +
        (queue.StoreDown is { } down ? " " + down.Message : ""),
        inner);

    /// <summary>What waiting callers are told when the node stops.</summary>
    public static StoreUnavailableException Stopping() =>
        new("The node is stopping; whether the events were written is unknown. Repeat the request with the same idempotency key, or read the log first.");

    private sealed class KeyedAppend(Hash requestHash)
    {
        public Hash RequestHash { get; } = requestHash;

        public TaskCompletionSource<ImmutableArray<EventId>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
