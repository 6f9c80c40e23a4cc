using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

public class HistoryRuleTests
{
    private static readonly HistoryImported About = new("shiviz", "chord.log", Hash.Of([1]), 1235, 8);

    private readonly TestTavern _tavern = new(seed: 9);

    [Fact, Trait("Rule", RuleIds.HistoryFirstRecord)]
    public void A_history_is_what_its_writer_said_first_and_its_agents_are_those_it_spawned()
    {
        var historian = _tavern.Jake.Spawn("chord");
        var about = historian.Write(About);
        var speaker = historian.Spawn("front-end");
        var again = historian.Write(About);
        var line = speaker.Hear(historian).Write(new LineLogged("Received", 3));
        var view = _tavern.View();
        Assert.Equal(new HistoryView(about, "shiviz", "chord.log", Hash.Of([1]), 1235), view.HistoryOf(historian.Id));
        Assert.Equal(about, view.HistoryOf(speaker.Id)!.Id);
        Assert.Null(view.HistoryOf(_tavern.Jake.Id));
        view.Ignores(again, RuleIds.HistoryFirstRecord);
        Assert.DoesNotContain(view.Ignored.Items, ignored => ignored.Event == line);
    }

    [Fact]
    public void Two_views_that_differ_in_a_history_have_different_hashes()
    {
        var (one, two) = (new TestTavern(seed: 9), new TestTavern(seed: 9));
        one.Jake.Spawn("chord").Write(About);
        two.Jake.Spawn("chord").Write(About with { File = "other.log" });
        Assert.NotEqual(ViewHash.Of(one.View()), ViewHash.Of(two.View()));
    }
}
