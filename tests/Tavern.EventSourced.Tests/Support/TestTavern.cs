using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A tavern in memory whose agents write real segments and hear from each other when told to. It keeps every event's
/// vector clock by brute force: the oracle for happens-before.</summary>
public sealed class TestTavern
{
    private readonly Func<SplitMix64, IAgentSigner> _newSigner;

    public TestTavern(ulong seed, Func<SplitMix64, IAgentSigner>? newSigner = null, string root = "jake")
    {
        Random = new SplitMix64(seed);
        _newSigner = newSigner ?? (random => new QuickSigner(random));
        var signer = NewSigner();
        Jake = new TestAgent(this, root, signer, previous: default);
        Agents.Add(Jake);
        Jake.Write(new TavernFounded("The Tavern", root, signer.PublicKey.ToArray(), [1]));
        Id = Segments[0].Records[0].Hash;
    }

    public SplitMix64 Random { get; }

    /// <summary>The tavern's id; null while it is being founded.</summary>
    public Hash? Id { get; }

    public TestAgent Jake { get; }

    public List<TestAgent> Agents { get; } = [];

    /// <summary>All segments, in the order they were written: a legal order of delivery.</summary>
    public List<Segment> Segments { get; } = [];

    /// <summary>Numbers lines of forked chains in the order in which they were written.</summary>
    public LocalBranches Branches { get; } = new();

    public Dictionary<EventId, EventRecord> Records => Branches.Records;

    /// <summary>Per event, what its writer had delivered, itself included.</summary>
    public Dictionary<EventId, Dictionary<ChainId, long>> Clocks { get; } = [];

    public IAgentSigner NewSigner() => _newSigner(Random);

    public bool HappensBefore(EventId a, EventId b) => a != b && Clocks[b].GetValueOrDefault(a.Chain) >= a.Sequence;

    public EventRecord Read(EventId id) => Records[id];

    /// <summary>A causal index over all events.</summary>
    public CausalIndex Index()
    {
        var index = new CausalIndex();
        foreach (var segment in Segments) Branches.Append(index, segment);
        return index;
    }

    public static void Append(CausalIndex index, Segment segment)
    {
        foreach (var record in segment.Records) index.Append(record.Id, record.Header.Deps?.Heads ?? []);
    }

    /// <summary>The segments in a random order in which each comes after its causes.</summary>
    public List<Segment> Shuffled(SplitMix64 random)
    {
        var (order, heads, waiting) = (new List<Segment>(), new Dictionary<ChainId, long>(), Segments.ToList());
        while (waiting.Count > 0)
        {
            var ready = waiting.Where(IsReady).ToList();
            var segment = ready[random.Below(ready.Count)];
            waiting.Remove(segment);
            order.Add(segment);
            heads[segment.Chain] = segment.Last;
        }

        return order;

        bool IsReady(Segment segment) => IsHeld(Branches.PredecessorOf(segment.Records[0]))
            && Branches.DependenciesOf(segment.Records[0]).All(head => IsHeld(head));

        bool IsHeld(EventId? id) => id is not { } some || heads.GetValueOrDefault(some.Chain) >= some.Sequence;
    }

    /// <summary>The view over everything that was written, or over what one agent delivered.</summary>
    public TavernView View(TestAgent? by = null)
    {
        var runner = new ViewRunner(Index());
        foreach (var segment in by?.Delivered ?? Segments)
            foreach (var record in segment.Records) runner.Add(record);
        var result = runner.Read(Read);
        Assert.Empty(result.Poison);
        return result.State;
    }
}
