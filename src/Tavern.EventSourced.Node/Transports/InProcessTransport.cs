using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Calls between agents of one process. Messages are passed by reference: nothing is encoded, and nothing is copied.</summary>
public sealed class InProcessTransport : ITransport
{
    private readonly InProcessHub _hub;
    private readonly Uri _name;
    private readonly CancellationTokenSource _stopped = new();
    private Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>>? _handler;

    internal InProcessTransport(InProcessHub hub, Uri name) => (_hub, _name) = (hub, name);

    /// <inheritdoc/>
    public Uri? Address => _handler is null ? null : _name;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Somebody listens at the address already.</exception>
    public ValueTask ListenAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_stopped.IsCancellationRequested, this);
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null) throw new InvalidOperationException($"The transport listens at {_name} already.");
        if (_hub.TryAdd(this, _name)) return ValueTask.CompletedTask;
        _handler = null;
        throw new InvalidOperationException($"Somebody else listens at {_name}.");
    }

    /// <inheritdoc/>
    public async ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_stopped.IsCancellationRequested) throw new TransportException($"The transport of {_name} is closed.");
        if (ContentBytes(request.Message) is var bytes and > GossipEnvelope.MessageBytesMax)
            throw new TransportException($"The message has {bytes} bytes or more; the limit is {GossipEnvelope.MessageBytesMax}.");
        return await _hub.Find(address).AnswerAsync(request, cancellationToken);
    }

    /// <summary>Stops listening and cuts off the calls under way.</summary>
    public async ValueTask DisposeAsync()
    {
        _hub.Remove(this, _name);
        await _stopped.CancelAsync();
    }

    private async ValueTask<GossipMessage> AnswerAsync(GossipEnvelope request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = HandleAsync(request, cancellationToken);
            if (answer.IsCompletedSuccessfully) return await answer;
            // Nobody waits for a handler that does not notice that its caller has gone.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopped.Token);
            return await answer.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            throw new TransportException(_stopped.IsCancellationRequested ? $"The listener at {_name} stopped." : $"The handler at {_name} failed: {e.Message}", e);
        }
    }

    // The handler's token lives as long as the handler, whoever waits for it: a source that is disposed forgets whom to tell.
    private async Task<GossipMessage> HandleAsync(GossipEnvelope request, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopped.Token);
        return await _handler!(request, ending.Token);
    }

    private static long ContentBytes(GossipMessage message) => message switch
    {
        GossipMessage.Push push => push.Frame.Sum(frame => (long)frame.Segment.Bytes),
        GossipMessage.Ask ask => ask.Content.Length,
        _ => 0,
    };
}
