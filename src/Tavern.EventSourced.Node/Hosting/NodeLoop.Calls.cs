using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

// Calls out and in. Agents of this node call each other through the loop: messages are passed by reference.
internal sealed partial class NodeLoop
{
    private void Call(HostedAgent agent, GossipEffect.Call call)
    {
        if (_agents.ContainsKey(call.To))
        {
            CallHere(agent, call);
            return;
        }

        var addresses = AddressesOf(call.To, agent); // here, on the loop: what the agent has delivered changes under whoever reads it elsewhere
        _services.Outstanding.Start(token => CallThereAsync(agent.Id, call, addresses, token));
    }

    private void CallHere(HostedAgent agent, GossipEffect.Call call)
    {
        var caller = new Caller.Hosted(agent.Id, call.CallId);
        if (call.Message is { } message) _local.Enqueue(new LoopInput.Called(agent.Id, call.To, message, caller));
        else _services.Outstanding.Start(token => CallHereAsync(agent.Id, call, caller, token));
    }

    private async Task CallHereAsync(AgentId from, GossipEffect.Call call, Caller caller, CancellationToken cancellationToken)
    {
        LoopInput outcome;
        try
        {
            outcome = new LoopInput.Called(from, call.To, await ReadAsync(call.Plan!, cancellationToken).ConfigureAwait(false), caller);
        }
        catch (StoreUnavailableException e)
        {
            outcome = new LoopInput.ToEngine(from, new GossipInput.CallFailed(call.CallId, e.Message));
        }

        await PostAsync(outcome, cancellationToken).ConfigureAwait(false);
    }

    private async Task CallThereAsync(AgentId from, GossipEffect.Call call, ImmutableArray<Uri> addresses, CancellationToken cancellationToken)
    {
        GossipInput outcome;
        try
        {
            var message = call.Message ?? await ReadAsync(call.Plan!, cancellationToken).ConfigureAwait(false);
            outcome = new GossipInput.Answered(call.CallId, await _services.Calls.CallAsync(from, call.To, message, addresses, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is TransportException or StoreUnavailableException)
        {
            outcome = new GossipInput.CallFailed(call.CallId, e.Message);
        }

        await PostAsync(new LoopInput.ToEngine(from, outcome), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks an agent how far it has heard one of ours. The answer proves itself, so whoever signed it does not matter.</summary>
    private void AskHeads(HostedAgent agent, GossipEffect.AskHeads ask)
    {
        var addresses = AddressesOf(ask.To, agent);
        _services.Outstanding.Start(token => AskHeadsAsync(agent.Id, ask, addresses, token));
    }

    private async Task AskHeadsAsync(AgentId from, GossipEffect.AskHeads ask, ImmutableArray<Uri> addresses, CancellationToken cancellationToken)
    {
        GossipInput outcome;
        try
        {
            var question = new AskQuestion.Heads(from);
            var reply = await _services.Calls.CallAsync(from, ask.To, new GossipMessage.Ask((ulong)ask.CallId, AskCodec.Encode(question)), addresses, cancellationToken).ConfigureAwait(false);
            outcome = reply is GossipMessage.Answer(var content, _) && AskCodec.DecodeAnswer(content.Span, question, ask.To) is AskAnswer.Heads told
                ? new GossipInput.HeadsTold(ask.CallId, [.. told.Proofs.Select(proof => new SignedHead(proof.Header, proof.Signature))])
                : new GossipInput.CallFailed(ask.CallId, "It did not say.");
        }
        catch (Exception e) when (e is TransportException or MalformedAskException)
        {
            outcome = new GossipInput.CallFailed(ask.CallId, e.Message);
        }

        await PostAsync(new LoopInput.ToEngine(from, outcome), cancellationToken).ConfigureAwait(false);
    }

    private void Answer(LoopInput.Called called)
    {
        if (_agents.TryGetValue(called.To, out var agent))
            Step(agent, new GossipInput.Called(++_nextCallId, called.From, called.Caller is Caller.Hosted, called.Message), called.Caller);
        else
            Reply(called.Caller, new GossipMessage.Refused(RefusalReason.NotHosted, $"{called.To} is not hosted here."));
    }

    private void Respond(GossipEffect.Respond respond, Caller caller)
    {
        if (respond.Message is { } message) Reply(caller, message);
        else _services.Outstanding.Start(token => ReplyAsync(respond.Plan!, caller, token));
    }

    private async Task ReplyAsync(PushPlan plan, Caller caller, CancellationToken cancellationToken)
    {
        GossipMessage message;
        try
        {
            message = await ReadAsync(plan, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            message = new GossipMessage.Refused(RefusalReason.Busy, "The store cannot be read now.");
        }

        if (caller is Caller.Hosted(var agent, var callId))
            await PostAsync(new LoopInput.ToEngine(agent, new GossipInput.Answered(callId, message, Local: true)), cancellationToken).ConfigureAwait(false);
        else Reply(caller, message);
    }

    private void Reply(Caller caller, GossipMessage message)
    {
        if (caller is Caller.Remote(var reply)) reply.TrySetResult(message);
        else if (caller is Caller.Hosted(var agent, var callId)) _local.Enqueue(new LoopInput.ToEngine(agent, new GossipInput.Answered(callId, message, Local: true)));
    }

    /// <summary>The two segments that prove a fork; the engine asks again when the store cannot be read now.</summary>
    private async Task ReadForkAsync(AgentId agent, EventId a, EventId b, CancellationToken cancellationToken)
    {
        try
        {
            var (one, other) = (await ReadSegmentAsync(a, cancellationToken).ConfigureAwait(false), await ReadSegmentAsync(b, cancellationToken).ConfigureAwait(false));
            await PostAsync(new LoopInput.ToEngine(agent, new GossipInput.ForkRead(one, other, a.Sequence)), cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // Nothing to do here: see above.
        }
    }

    private async Task<Segment> ReadSegmentAsync(EventId id, CancellationToken cancellationToken)
    {
        await foreach (var stored in _services.Store.ReadChainAsync(id.Chain, id.Sequence, id.Sequence, cancellationToken).ConfigureAwait(false)) return stored.Segment;
        throw new InvalidOperationException($"Event {id} is delivered but not in the store.");
    }

    private async Task<GossipMessage> ReadAsync(PushPlan plan, CancellationToken cancellationToken)
    {
        var (message, verified) = await _services.Frames.ReadAsync(plan, cancellationToken).ConfigureAwait(false);
        if (verified.IsEmpty) return message;
        await PostAsync(new LoopInput.HeadsVerified(verified), cancellationToken).ConfigureAwait(false);
        try
        {
            await _services.Store.MarkVerifiedAsync([.. verified.Select(entry => entry.Chain[entry.Last])], cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // The mark only saves work after the next start.
        }

        return message;
    }

    /// <summary>Where an agent may answer, as the asking agent knows: its announcements by epoch, latest first, then its seed address.</summary>
    private ImmutableArray<Uri> AddressesOf(AgentId agent, HostedAgent asking) =>
    [
        .. asking.ChainsOf(agent).SelectMany(chain => _services.Peers.AddressesAt(chain, asking.HeadOf(chain)))
            .Concat(_services.Seeds.Where(seed => seed.Agent == agent).Select(seed => seed.Address))
            .Distinct(),
    ];
}
