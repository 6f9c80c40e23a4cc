using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Takes calls from other nodes to the loop and back. Refuses them until it is opened. Safe for concurrent use.</summary>
internal sealed class IncomingCalls(Hash tavern)
{
    private readonly UInt128 _tag = GossipEnvelope.TavernTag(tavern);
    private volatile Target? _target;

    /// <summary>From now on calls are answered.</summary>
    public void Open(NodeLoop loop, Answering answering) => _target = new Target(loop, answering);

    /// <summary>Answers one call.</summary>
    public async ValueTask<GossipMessage> HandleAsync(GossipEnvelope call, CancellationToken cancellationToken)
    {
        if (call.Tavern != _tag) return new GossipMessage.Refused(RefusalReason.WrongTavern, "This node belongs to another tavern.");
        if (_target is not var (loop, answering)) return new GossipMessage.Refused(RefusalReason.Busy, "The node is starting.");
        if (!answering.Hosts(call.To)) return new GossipMessage.Refused(RefusalReason.NotHosted, $"{call.To} is not hosted here.");
        if (call.Message is GossipMessage.Ask ask) return await answering.AnswerAsync(call, ask, cancellationToken).ConfigureAwait(false);
        var reply = new TaskCompletionSource<GossipMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        return loop.TryPost(new LoopInput.Called(call.From, call.To, call.Message, new Caller.Remote(reply)))
            ? await reply.Task.WaitAsync(cancellationToken).ConfigureAwait(false)
            : new GossipMessage.Refused(RefusalReason.Busy, "The node has too much to do.");
    }

    private sealed record Target(NodeLoop Loop, Answering Answering);
}
