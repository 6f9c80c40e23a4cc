using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What the loop works with.</summary>
/// <param name="Outstanding">Runs what takes time.</param>
/// <param name="Frames">Puts bodies into messages.</param>
/// <param name="Calls">Calls other nodes.</param>
/// <param name="Committer">Commits.</param>
/// <param name="Join">Joins what agents hand over.</param>
/// <param name="Positions">Where subscriptions stand.</param>
/// <param name="Queue">Makes room for appends.</param>
/// <param name="Store">The store, to note checked signatures.</param>
/// <param name="Cache">Fresh segments.</param>
/// <param name="Index">The segments held, shared with the engines.</param>
/// <param name="Peers">Keys and addresses.</param>
/// <param name="Numbers">Where it is written down which numbers are used.</param>
/// <param name="Tell">Told what people should know.</param>
/// <param name="NameOf">A hosted agent's name, for people.</param>
/// <param name="TurnAway">Told that an invited agent has written elsewhere before, and what.</param>
/// <param name="Seeds">Addresses to fall back on.</param>
/// <param name="History">What readers see.</param>
/// <param name="News">Wakes those who wait.</param>
/// <param name="Time">Clock and timers.</param>
internal sealed record LoopServices(
    Outstanding Outstanding,
    FrameReader Frames,
    OutgoingCalls Calls,
    Committer Committer,
    CommitJoin Join,
    PositionBook Positions,
    AppendQueue Queue,
    IEventStore Store,
    SegmentCache Cache,
    SegmentIndex Index,
    PeerBook Peers,
    Numbers Numbers,
    Action<string> Tell,
    Func<AgentId, string> NameOf,
    Action<AgentId, EventId> TurnAway,
    ImmutableArray<SeedAddress> Seeds,
    NodeHistory History,
    NewsBoard News,
    TimeProvider Time);
