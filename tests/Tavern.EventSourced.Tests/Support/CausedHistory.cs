using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A generated history whose agents also declare causes: true ones, the same twice, and what liars declare: themselves, what
/// they had not heard of, what is to come, what does not exist.</summary>
public sealed class CausedHistory
{
    private readonly ILookup<EventId, EventId> _named;

    public CausedHistory(ulong seed, int steps = 60, bool forked = false)
    {
        Tavern = forked ? ForkedHistory.Generate(seed, steps: 20) : HistoryGenerator.Generate(seed, steps: 30);
        var random = Tavern.Random;
        for (var step = 0; step < steps; step++)
        {
            var agent = Pick(Tavern.Agents);
            if (random.Below(3) == 0) agent.Hear(Pick(Tavern.Agents), 1 + random.Below(6));
            var next = agent.Chain[agent.Head.Sequence + 1];
            var known = agent.Delivered.SelectMany(segment => segment.Records).Select(record => record.Id).TakeLast(1 + random.Below(20)).ToList();
            var causes = new List<EventId>();
            for (var count = random.Below(4); count > 0; count--)
                causes.Add(random.Below(12) switch
                {
                    0 => next,
                    1 => Pick(Tavern.Agents).Chain[1 + random.Below(60)],
                    2 => agent.Chain[next.Sequence + 1 + random.Below(3)],
                    3 when causes.Count > 0 => causes[^1],
                    _ => Pick(known),
                });
            agent.WriteBecause("DecisionMade", """{"text":"so"}""", [.. causes]);
        }

        _named = All.ToLookup(id => id.Main);
        Events = Tavern.Index();
        Causes = new CauseIndex(Events);
        foreach (var record in Tavern.Segments.SelectMany(segment => segment.Records)) Causes.Add(record.Id, record.Header.Causes);

        T Pick<T>(IReadOnlyList<T> items) => items[random.Below(items.Count)];
    }

    public TestTavern Tavern { get; }

    public CausalIndex Events { get; }

    public CauseIndex Causes { get; }

    public IReadOnlyList<EventId> All => [.. Tavern.Records.Keys];

    /// <summary>What an event declares, each once, and whether it can be true: by the clocks kept when it was written.</summary>
    public IEnumerable<(EventId Event, CauseStanding Standing)> Declared(EventId id) =>
        Tavern.Records[id].Header.Causes.Select(cause => cause.Main).Distinct().Select(cause => _named[cause].Where(meant => Tavern.HappensBefore(meant, id)).ToList() switch
        {
            [var meant] => (meant, CauseStanding.Reason),
            [] => (cause, _named.Contains(cause) ? CauseStanding.NotBefore : CauseStanding.Unknown),
            _ => (cause, CauseStanding.Ambiguous),
        });

    /// <summary>What declares an event and can be true, found by looking at all.</summary>
    public IEnumerable<(EventId Event, CauseStanding Standing)> Declaring(EventId id) => Tavern.Records.Keys
        .Where(other => Declared(other).Contains((id, CauseStanding.Reason))).Select(other => (other, CauseStanding.Reason));
}
