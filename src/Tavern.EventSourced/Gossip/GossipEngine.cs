using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The gossip protocol of one agent as a pure state machine: inputs in, effects out. No sockets, disks, timers or
/// randomness of its own; ALGORITHM.md states the protocol. One owner; not safe for concurrent use.</summary>
public sealed class GossipEngine
{
    /// <summary>Starts an engine over the segments its node holds.</summary>
    public GossipEngine(GossipOptions options, EngineStart start, SegmentIndex index, IAgentSigner signer, ISignatureVerifier verifier)
    {
        options.Validate();
        _ = (start, index, signer, verifier);
    }

    /// <summary>Takes one input and returns what is to be done, in order.</summary>
    public IReadOnlyList<GossipEffect> Step(GossipInput input, EngineTime now) => throw new NotImplementedException();

    /// <summary>A readable picture, for people.</summary>
    public EngineStatus Status(EngineTime now) => throw new NotImplementedException();
}
