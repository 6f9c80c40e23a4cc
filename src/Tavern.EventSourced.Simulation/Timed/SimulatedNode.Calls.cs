using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Simulation.Timed;

// Calls between agents: by reference on one node, over the network otherwise. A call ends once: answered or failed.
public sealed partial class SimulatedNode
{
    private long _lastCall;

    private void Call(SimulatedAgent from, GossipEffect.Call call)
    {
        var message = call.Message ?? Materialise(from, call.Plan!);
        _world.Checks.Said(from, message);
        if (_world.Locate(call.To, from) is not { } to)
        {
            _world.After(TimeSpan.Zero, InThisLife(() => Take(from, new GossipInput.CallFailed(call.CallId, "No address is known."))));
            return;
        }

        var outgoing = new CallInFlight(from, to, call.CallId, message, _life);
        outgoing.Bytes = _world.Traffic.Call(from, to, message, to.Node == this);
        if (to.Node == this)
        {
            _world.After(TimeSpan.Zero, InThisLife(() => Answer(outgoing)));
            return;
        }

        _world.Trace.Add(_world.Now, "{0} calls {1}: {2}", from, to, message);
        _world.After(_world.Options.CallTimeout, InThisLife(() => Fail(outgoing, "No answer in time.")));
        _world.Network.Send(Number, to.Node!.Number, outgoing.Bytes, () => to.Node.Arrive(outgoing), () => Lost(from, to, message));
    }

    /// <summary>A call arrives from another node.</summary>
    private void Arrive(CallInFlight call)
    {
        if (State == NodeState.Stopped)
            _world.Network.Send(Number, call.From.Node!.Number, 0, () => call.From.Node.Refused(call), () => { });
        else InThisLife(() => Answer(call))();
    }

    private void Answer(CallInFlight call)
    {
        var local = call.From.Node == this;
        var message = local || !_world.Options.ThroughTheWire ? call.Message : _world.Traffic.Decoded(call.From, call.To, call.Message);
        _world.Traffic.Arrived(message, local);
        Take(call.To, new GossipInput.Called(++_lastCall, call.From.Id, local, message), call);
    }

    private void Respond(SimulatedAgent from, GossipEffect.Respond respond, CallInFlight call)
    {
        var (message, to) = (respond.Message ?? Materialise(from, respond.Plan!), call.From);
        _world.Checks.Said(from, message);
        if (to.Node == this)
        {
            _world.After(TimeSpan.Zero, InThisLife(() => End(call, message)));
            return;
        }

        var bytes = _world.Traffic.Answer(from, to, message, call.Message, call.Bytes);
        _world.Trace.Add(_world.Now, "{0} answers {1}: {2}", from, to, message);
        _world.Network.Send(Number, to.Node!.Number, bytes, () => to.Node.Answered(call, message), () => Lost(from, to, message));
    }

    private void Answered(CallInFlight call, GossipMessage answer)
    {
        if (call.Life == _life) InThisLife(() => End(call, answer))();
    }

    /// <summary>A call of this node was answered. An answer that comes twice is shown to the engine twice.</summary>
    private void End(CallInFlight call, GossipMessage answer)
    {
        if (call.HasFailed) return;
        call.IsAnswered = true;
        var local = call.To.Node == this;
        if (!local && _world.Options.ThroughTheWire) answer = GossipCodec.DecodeReply(GossipCodec.EncodeReply(answer));
        _world.Traffic.Arrived(answer, local);
        Take(call.From, new GossipInput.Answered(call.CallId, answer, local));
    }

    private void Fail(CallInFlight call, string reason)
    {
        if (call.IsAnswered || call.HasFailed) return;
        call.HasFailed = true;
        _world.Trace.Add(_world.Now, "{0} gives up its call to {1}: {2}", call.From, call.To, reason);
        Take(call.From, new GossipInput.CallFailed(call.CallId, reason));
    }

    private void Refused(CallInFlight call)
    {
        if (call.Life == _life) InThisLife(() => Fail(call, "The node is down."))();
    }

    private void Lost(SimulatedAgent from, SimulatedAgent to, GossipMessage message) =>
        _world.Trace.Add(_world.Now, "lost on the way from {0} to {1}: {2}", from, to, message);

    private GossipMessage.Push Materialise(SimulatedAgent agent, PushPlan plan)
    {
        foreach (var planned in plan.Segments)
        {
            if (_bodies.TryGetValue(planned.Entry.Chain[planned.Entry.First], out var segment)) _world.Checks.Sent(agent, segment);
            else _world.Checks.Violate($"{agent} wanted to send {planned.Entry.Chain[planned.Entry.First]}, which its disk does not hold.");
        }

        return plan.Fill(
        [
            .. plan.Segments
                .Where(planned => _bodies.ContainsKey(planned.Entry.Chain[planned.Entry.First]))
                .Select(planned => new FrameSegment(_bodies[planned.Entry.Chain[planned.Entry.First]], planned.Hop)),
        ]);
    }
}

/// <summary>A call from one agent to another.</summary>
/// <param name="from">Who calls.</param>
/// <param name="to">Who is called.</param>
/// <param name="callId">The caller's id of it.</param>
/// <param name="message">What is said.</param>
/// <param name="life">Of the caller's node: a later one did not make this call.</param>
internal sealed class CallInFlight(SimulatedAgent from, SimulatedAgent to, long callId, GossipMessage message, int life)
{
    /// <summary>Who calls.</summary>
    public SimulatedAgent From { get; } = from;

    /// <summary>Who is called.</summary>
    public SimulatedAgent To { get; } = to;

    /// <summary>The caller's id of it.</summary>
    public long CallId { get; } = callId;

    /// <summary>What is said.</summary>
    public GossipMessage Message { get; } = message;

    /// <summary>Of the caller's node: a later one did not make this call.</summary>
    public int Life { get; } = life;

    /// <summary>Its size.</summary>
    public int Bytes { get; set; }

    /// <summary>An answer has come.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>The caller no longer waits.</summary>
    public bool HasFailed { get; set; }
}
