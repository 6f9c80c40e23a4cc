using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Provenance;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A tavern whose agents get new keys: the root spawned gandalf and legolas, gandalf spawned frodo, and all of them wrote. Further segments are
/// written and held as a test says.</summary>
internal sealed class KeyHistory
{
    public static readonly KeyedHashSigner Root = new(1), Gandalf = new(2), Legolas = new(3), Frodo = new(4), RecoveryKey = new(5), New = new(6), Newer = new(7), Stranger = new(8);
    public static readonly ImmutableArray<KeyedHashSigner> Agents = [Root, Gandalf, Legolas, Frodo];
    public static readonly ImmutableArray<KeyedHashSigner> Signers = [.. Agents, RecoveryKey, New, Newer, Stranger];

    /// <summary>The keys that <see cref="WithAllGiven"/> gives.</summary>
    public static readonly ImmutableArray<(KeyedHashSigner Agent, KeyedHashSigner Key)> Given = [(Root, New), (Gandalf, Newer), (Frodo, Stranger)];

    private readonly List<Segment> _held = [];

    public KeyHistory()
    {
        Hold(TavernFounder.Write(
            Root,
            [
                EventCatalogue.Draft(new TavernFounded("test", "root", Root.PublicKey.ToArray(), RecoveryKey.PublicKey.ToArray())),
                Spawned(Gandalf), Spawned(Legolas), Note(),
            ],
            DateTimeOffset.UnixEpoch)[0]);
        Hold(Write(Gandalf, Gandalf, 1, HashOf(Root.Agent.At(2)), Spawned(Frodo), Note()));
        Hold(Write(Legolas, Legolas, 1, HashOf(Root.Agent.At(3)), Note()));
        Hold(Write(Frodo, Frodo, 1, HashOf(Gandalf.Agent.At(1)), Note(), Note()));
    }

    /// <summary>The root got a key by its recovery key; with it it gave gandalf one; with that gandalf gave frodo one.</summary>
    public static KeyHistory WithAllGiven()
    {
        var history = new KeyHistory();
        var recovery = history.Hold(history.Recover(RecoveryKey, New));
        var root = history.Hold(history.Write(
            Root, New, 3, recovery.HeadHash, EventCatalogue.Draft(new EpochStarted(2, 1, recovery.HeadHash)), history.Rekeyed(Gandalf, Newer), Note()));
        history.Hold(history.Begin(Gandalf, Newer, 2, root.Chain[2], Gandalf.Agent.At(2)));
        history.Hold(history.Write(Gandalf, Newer, 2, default, history.Rekeyed(Frodo, Stranger)));
        return history;
    }

    /// <summary>All that is held.</summary>
    public SegmentIndex Index { get; } = new();

    /// <summary>What is held, in its order.</summary>
    public IReadOnlyList<Segment> Held => _held;

    /// <summary>The records that show whose child each agent is: the founding, the spawns, and the first record of each that accepts its own.</summary>
    public ImmutableArray<EventId> Places { get; } = [Root.Agent.At(1), Root.Agent.At(2), Root.Agent.At(3), Gandalf.Agent.At(1), Legolas.Agent.At(1), Frodo.Agent.At(1)];

    public Hash Tavern => _held[0].Records[0].Hash;

    /// <summary>Takes a segment, and returns it.</summary>
    public Segment Hold(Segment segment)
    {
        Index.Add(segment, verified: true);
        _held.Add(segment);
        return segment;
    }

    /// <summary>A segment at the end of a held chain, or a new chain after a record.</summary>
    /// <param name="agent">Whose chain.</param>
    /// <param name="key">What signs it.</param>
    /// <param name="epoch">The chain's.</param>
    /// <param name="previous">What a new chain names; not used for one that is held.</param>
    /// <param name="drafts">What it says.</param>
    public Segment Write(KeyedHashSigner agent, KeyedHashSigner key, int epoch, Hash previous, params EventDraft[] drafts)
    {
        var chain = new ChainId(agent.Agent, epoch);
        var head = Index.HeadOf(chain);
        return new ChainWriter(_held.Count == 0 ? null : Tavern, chain, key)
            .Write(drafts, head, head == 0 ? previous : HashOf(chain[head]), [], [.. drafts.Select(_ => default(HybridTime))])[0];
    }

    /// <summary>A segment in which an agent, in its first epoch and with some key, gives another a new one; it says other things before and after.</summary>
    public Segment Rekey(KeyedHashSigner writer, KeyedHashSigner key, KeyedHashSigner agent, KeyedHashSigner given, int lastEpoch = 1) =>
        Write(writer, key, 1, default, Note(), Rekeyed(agent, given, lastEpoch), Note());

    /// <summary>Says that an agent has a new key.</summary>
    public EventDraft Rekeyed(KeyedHashSigner agent, KeyedHashSigner given, int lastEpoch = 1)
    {
        var last = new ChainId(agent.Agent, lastEpoch)[Index.HeadOf(new ChainId(agent.Agent, lastEpoch))];
        return EventCatalogue.Draft(new AgentRekeyed(agent.Agent, given.PublicKey.ToArray(), last.Sequence, HashOf(last), lastEpoch));
    }

    /// <summary>The root's recovery: the first record of a new epoch.</summary>
    public Segment Recover(KeyedHashSigner key, KeyedHashSigner given, int lastEpoch = 1)
    {
        var last = new ChainId(Root.Agent, lastEpoch);
        return Write(Root, key, lastEpoch + 1, HashOf(last[Index.HeadOf(last)]), Rekeyed(Root, given, lastEpoch));
    }

    /// <summary>The first segment of a new epoch, after a record.</summary>
    public Segment Begin(KeyedHashSigner agent, KeyedHashSigner key, int epoch, EventId after, EventId last) =>
        Write(agent, key, epoch, HashOf(after), EventCatalogue.Draft(new EpochStarted(last.Epoch, last.Sequence, HashOf(last))));

    public Hash HashOf(EventId id) => Index.TryGetHash(id, out var hash) ? hash : throw new InvalidOperationException($"{id} is not held.");

    /// <summary>What shows that an agent has a key, by all that is held.</summary>
    public ImmutableArray<SignedExcerpt> TrailOf(KeyedHashSigner agent, KeyedHashSigner key) => [.. TrailPlan.Of(Index, agent.Agent, key.PublicKey).Select(ExcerptOf)];

    public SignedExcerpt ExcerptOf(EventId id) => SignedExcerpt.Of(_held.Single(segment => segment.Chain == id.Chain && segment.First <= id.Sequence && segment.Last >= id.Sequence), id.Sequence);

    public TrailFinding Follow(params ImmutableArray<SignedExcerpt> trail) => KeyTrail.Follow(Tavern, trail, new KeyedHashVerifier());

    public static EventDraft Note() => EventCatalogue.Draft(new DiscoveryShared("something"));

    public static EventDraft Spawned(KeyedHashSigner agent) => EventCatalogue.Draft(new AgentSpawned(agent.Agent, "somebody", agent.PublicKey.ToArray()));
}
