using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Histories;

/// <summary>An agent of a recorded history, for as long as it takes to write its chain.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Signer">Its key, to be thrown away afterwards: nobody puts words into its mouth.</param>
public readonly record struct RecordedAgent(string Name, IAgentSigner Signer)
{
    /// <summary>The id of its key.</summary>
    public AgentId Id { get; } = AgentId.FromPublicKey(Signer.PublicKey.Span);
}

/// <summary>A recorded history as chains of a tavern. One agent, the historian, stands for the file: it says what it is, spawns the
/// speakers, and in the end, knowing all, retires them and itself. Each speaker's chain holds exactly its own events.</summary>
public sealed class RecordedChains
{
    // Heads that one retiring segment knows: their references take about half of a header.
    private const int RetiredTogetherMax = 1_000;

    private readonly RecordedHistory _history;
    private readonly RecordedAgent _historian;
    private readonly ImmutableArray<RecordedAgent> _speakers;
    private readonly ImmutableArray<EventDraft> _opening;
    private readonly ImmutableArray<EventDraft> _said;
    private readonly List<int>[] _bySpeaker; // indexes into events and drafts; a speaker's sequence 1 is its first

    /// <summary>Makes the payloads; numbers, links and signatures come with <see cref="Write"/>.</summary>
    /// <param name="history">The history.</param>
    /// <param name="historian">Who stands for it.</param>
    /// <param name="speakers">The history's speakers, in their order.</param>
    /// <exception cref="MalformedRecordException">What the file says about itself does not fit into an event.</exception>
    public RecordedChains(RecordedHistory history, RecordedAgent historian, ImmutableArray<RecordedAgent> speakers)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(speakers.Length, history.Speakers.Length);
        (_history, _historian, _speakers) = (history, historian, speakers);
        Spawn = EventCatalogue.Draft(new AgentSpawned(historian.Id, historian.Name, historian.Signer.PublicKey.ToArray(), $"recorded history {history.File}"));
        _opening =
        [
            EventCatalogue.Draft(RecordedEvents.About(history, IdOf)),
            .. speakers.Zip(history.Speakers, (agent, name) => EventCatalogue.Draft(new AgentSpawned(agent.Id, agent.Name, agent.Signer.PublicKey.ToArray(), $"{name}, in {history.File}"))),
        ];
        _said =
        [
            .. history.Events.Select(one => EventCatalogue.Draft(RecordedEvents.BodyOf(one.Content, speaker => _speakers[speaker].Id)) with
            {
                Causes = [.. one.Causes.Select(IdOf)],
            }),
        ];
        _bySpeaker = [.. speakers.Select(_ => new List<int>())];
        for (var i = 0; i < history.Events.Length; i++) _bySpeaker[history.Events[i].Id.Speaker].Add(i);
        if (_bySpeaker.FirstOrDefault(own => own.Count == 0) is not null) throw new ArgumentException("A speaker of the history has no event; expected at least one of each.", nameof(history));
        foreach (var draft in _opening.Concat(_said)) draft.Validate();
        Bytes = _opening.Concat(_said).Sum(draft => (long)draft.Payload.Length);
    }

    /// <summary>What the importing agent writes first: it vouches for the historian.</summary>
    public EventDraft Spawn { get; }

    /// <summary>Who stands for the history.</summary>
    public AgentId Historian => _historian.Id;

    /// <summary>Payloads together, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The id that an event of the history has in the tavern.</summary>
    public EventId IdOf(RecordedId id) => ChainOf(_speakers[id.Speaker])[id.Sequence];

    /// <summary>The segments of all chains, causes first. They exist only once they are committed, all of them.</summary>
    /// <param name="tavern">The tavern's id.</param>
    /// <param name="voucher">The record that <see cref="Spawn"/> became.</param>
    public ImmutableArray<Segment> Write(Hash tavern, EventRecord voucher)
    {
        var segments = ImmutableArray.CreateBuilder<Segment>();
        var hashes = new Dictionary<EventId, Hash>();
        var now = voucher.Header.Time;

        var historian = new OpenChain(tavern, _historian, voucher.Hash);
        Add(historian, _opening, [], Now);
        // A speaker's first record names the event that vouches for it: the opening's, after what is said about the file.
        OpenChain[] chains = [.. _speakers.Select((agent, index) => new OpenChain(tavern, agent, hashes[historian.Chain[index + 2]]))];
        foreach (var one in _history.Events)
        {
            if (one.Id.Sequence <= chains[one.Id.Speaker].Head) continue;
            var run = RunFrom(one.Id);
            Add(chains[one.Id.Speaker], run.ConvertAll(index => _said[index]), one.Heads.Select(IdOf), i => _history.Events[run[i]].Time);
        }

        foreach (var some in chains.Chunk(RetiredTogetherMax))
            Add(historian, [.. some.Select(Retirement)], some.Select(chain => chain.Chain[chain.Head]), Now);
        Add(historian, [Retirement(historian)], [], Now);
        return segments.DrainToImmutable();

        void Add(OpenChain chain, IReadOnlyList<EventDraft> drafts, IEnumerable<EventId> heads, Func<int, HybridTime> timeOf)
        {
            foreach (var segment in chain.Write(drafts, [.. heads.Order().Select(head => (head, hashes[head]))], [.. drafts.Select((_, i) => timeOf(i))]))
            {
                segments.Add(segment);
                foreach (var record in segment.Records) hashes[record.Id] = record.Hash;
            }
        }

        HybridTime Now(int index) => now = now.Next();
    }

    /// <summary>An event and those of its speaker up to the next that had heard something new: only a segment's first record can say so.</summary>
    private List<int> RunFrom(RecordedId first)
    {
        var own = _bySpeaker[first.Speaker];
        var (from, to) = ((int)first.Sequence - 1, (int)first.Sequence);
        while (to < own.Count && _history.Events[own[to]].Heads.IsEmpty) to++;
        return own.GetRange(from, to - from);
    }

    private EventDraft Retirement(OpenChain chain) =>
        EventCatalogue.Draft(new AgentRetired(chain.Chain.Agent, chain.Head, chain.HeadHash, $"the record {_history.File} ends here"));

    private static ChainId ChainOf(RecordedAgent agent) => new(agent.Id, 1);

    /// <summary>A chain that is being written.</summary>
    private sealed class OpenChain(Hash tavern, RecordedAgent agent, Hash voucher)
    {
        private readonly ChainWriter _writer = new(tavern, ChainOf(agent), agent.Signer);

        public ChainId Chain => ChainOf(agent);

        public long Head { get; private set; }

        public Hash HeadHash { get; private set; } = voucher;

        public ImmutableArray<Segment> Write(IReadOnlyList<EventDraft> drafts, IReadOnlyList<(EventId Head, Hash Hash)> heads, IReadOnlyList<HybridTime> times)
        {
            var segments = _writer.Write(drafts, Head, HeadHash, heads, times);
            (Head, HeadHash) = (segments[^1].Last, segments[^1].HeadHash);
            return segments;
        }
    }
}
