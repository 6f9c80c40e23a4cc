using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>Trees of declared causes and effects, against what is plain when all declarations are laid open.</summary>
public class CauseTreeProperties
{
    private const ulong Seeds = 25;

    [Fact]
    public void Causes_are_judged_by_what_their_author_had_heard_of() => ForEach((history, what) =>
    {
        foreach (var id in history.All)
            foreach (var (cause, standing) in history.Declared(id))
                Assert.True((cause, standing) == CauseStandings.Of(history.Events, id, cause), $"{what}: {cause} of {id} is {standing}");
    });

    [Fact]
    public void The_index_finds_exactly_the_events_that_declare_a_true_cause() => ForEach((history, what) =>
    {
        foreach (var id in history.All)
            Assert.True(history.Declaring(id).Select(pair => pair.Event).Order().SequenceEqual(history.Causes.EffectsOf(id).Order()), $"{what}: effects of {id}");
    });

    [Fact]
    public void A_whole_tree_has_every_declaration_once_and_every_event_where_it_is_nearest() => ForEach((history, what) =>
    {
        foreach (var id in history.All)
            foreach (var (name, next) in Directions(history))
            {
                var tree = CauseTree.Walk(id, next, int.MaxValue, int.MaxValue);
                var distances = Distances(id, next);
                var expected = distances.Keys.SelectMany(of => next(of).Select(pair => (of, pair.Event))).Order();
                Assert.True(expected.SequenceEqual(tree.Lines.Select(line => (line.Of, line.Event)).Order()), $"{what}: {name} of {id}");
                Assert.True(tree.Complete && tree.Lines.All(line => !line.More), $"{what}: {name} of {id} is cut");
                CheckShape(id, tree, distances, $"{what}: {name} of {id}");
                foreach (var reached in distances.Keys.Where(reached => reached != id))
                    Assert.True(tree.Lines.Count(line => line.Event == reached && line is { Again: false, Standing: CauseStanding.Reason }) == 1, $"{what}: {name} of {id}: {reached}");
            }
    });

    [Fact]
    public void A_tree_that_is_cut_short_keeps_what_is_nearest_and_marks_where_it_goes_on() => ForEach((history, what) =>
    {
        foreach (var id in history.All)
            foreach (var (name, next) in Directions(history))
            {
                var (depthMax, linesMax) = (1 + history.Tavern.Random.Below(4), 1 + history.Tavern.Random.Below(12));
                var tree = CauseTree.Walk(id, next, depthMax, linesMax);
                var distances = Distances(id, next);
                var all = distances.Where(pair => pair.Value < depthMax).SelectMany(pair => next(pair.Key).Select(to => (Of: pair.Key, to.Event))).ToList();
                var shown = tree.Lines.Select(line => (line.Of, line.Event)).ToHashSet();
                var where = $"{what}: {name} of {id} to depth {depthMax}, {linesMax} lines";
                Assert.True(shown.Count == Math.Min(linesMax, all.Count) && shown.IsSubsetOf(all), where);
                var left = all.Where(edge => !shown.Contains(edge)).Select(edge => distances[edge.Of]).ToList();
                if (left.Count > 0) Assert.True(shown.Max(edge => distances[edge.Of]) <= left.Min(), where);
                CheckShape(id, tree, distances, where);

                var followed = tree.Lines.Where(line => line is { Again: false, Standing: CauseStanding.Reason }).ToList();
                foreach (var line in followed)
                    Assert.True(line.More == next(line.Event).Any(to => !shown.Contains((line.Event, to.Event))), $"{where}: more below {line.Event}");
                Assert.True(tree.Complete == (followed.TrueForAll(line => !line.More) && next(id).All(to => shown.Contains((id, to.Event)))), where);
                Assert.DoesNotContain(tree.Lines, line => line.More && !followed.Contains(line));
            }
    });

    /// <summary>Each line hangs under the last line one step less deep, which is its parent's own; depths are the shortest.</summary>
    private static void CheckShape(EventId root, CauseTree tree, Dictionary<EventId, int> distances, string where)
    {
        var above = new List<EventId> { root };
        foreach (var line in tree.Lines)
        {
            Assert.True(line.Depth <= above.Count && above[line.Depth - 1] == line.Of, $"{where}: {line} hangs in the air");
            above.RemoveRange(line.Depth, above.Count - line.Depth);
            if (line is { Standing: CauseStanding.Reason, Again: false })
            {
                Assert.True(distances[line.Event] == line.Depth, $"{where}: {line} is not where it is nearest");
                above.Add(line.Event);
            }
        }
    }

    private static (string Name, Func<EventId, IEnumerable<(EventId Event, CauseStanding Standing)>> Next)[] Directions(CausedHistory history) =>
    [
        ("causes", history.Declared),
        ("effects", id => history.Causes.EffectsOf(id).Select(effect => (effect, CauseStanding.Reason))),
    ];

    /// <summary>Shortest distances over reasons, by relaxing until nothing changes.</summary>
    private static Dictionary<EventId, int> Distances(EventId root, Func<EventId, IEnumerable<(EventId Event, CauseStanding Standing)>> next)
    {
        var distances = new Dictionary<EventId, int> { [root] = 0 };
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (at, distance) in distances.ToList())
                foreach (var (to, standing) in next(at))
                    if (standing is CauseStanding.Reason && distances.GetValueOrDefault(to, int.MaxValue) > distance + 1) (distances[to], changed) = (distance + 1, true);
        }

        return distances;
    }

    private static void ForEach(Action<CausedHistory, string> check)
    {
        for (ulong seed = 1; seed <= Seeds; seed++) check(new CausedHistory(seed, forked: seed % 3 == 0), $"seed {seed}");
    }
}
