using System.Collections.Immutable;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Histories;

public class SpeakerNamesTests
{
    [Fact]
    public void Names_stay_what_they_are_where_the_rules_allow_it()
    {
        var names = Choose("17.json", ["Computer_terminal", "WebSurfer", "0x"]);
        Assert.Equal("17", names.Historian);
        Assert.Equal(["Computer_terminal", "WebSurfer", "0x"], names.Speakers.AsEnumerable());
    }

    [Fact]
    public void One_of_many_gets_the_historys_name_in_front() =>
        Assert.Equal(["17-jake", "17-gandalf"], Choose("17.json", ["jake", "gandalf"], prefixed: true).Speakers.AsEnumerable());

    [Fact]
    public void When_a_name_is_taken_all_get_the_historys_name_in_front() =>
        Assert.Equal(["17-jake", "17-gandalf"], Choose("17.json", ["jake", "gandalf"], taken: ["jake"]).Speakers.AsEnumerable());

    [Fact]
    public void A_history_whose_name_is_taken_gets_a_number_which_its_agents_carry_too()
    {
        var names = Choose("17.json", ["jake"], taken: ["17", "jake"]);
        Assert.Equal("17-2", names.Historian);
        Assert.Equal(["17-2-jake"], names.Speakers.AsEnumerable());
    }

    [Theory]
    [InlineData("Orchestrator (thought)", "Orchestrator_thought")]
    [InlineData("kv node/10:80", "kv_node_10_80")]
    [InlineData("--option", "option")]
    [InlineData("\u001b[31mred", "31mred")]
    [InlineData("é", "agent")]
    [InlineData("日本", "agent")]
    [InlineData("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef_")]
    [InlineData("a.b..c", "a_b_c")]
    public void What_a_name_may_not_hold_is_replaced(string recorded, string expected) => Assert.Equal([expected], Choose("x.log", [recorded]).Speakers.AsEnumerable());

    [Fact]
    public void Names_that_would_be_the_same_get_numbers_and_every_name_is_valid_and_can_be_typed()
    {
        ImmutableArray<string> recorded = ["a b", "a_b", "a/b", new('x', 900), new string('x', 900) + "y", "A_b", "x"];
        foreach (var prefixed in new[] { false, true })
        {
            var names = Choose("x.log", recorded, prefixed);
            Assert.Equal(names.Speakers.Length, names.Speakers.Append(names.Historian).Distinct(StringComparer.Ordinal).Count() - 1);
            Assert.All(names.Speakers, name =>
            {
                Assert.True(AgentName.IsValid(name), name);
                Assert.Equal(name, Assert.IsType<HistoryPoint.Event>(PointSyntax.Parse(name + ":3")).Agent);
            });
        }
    }

    private static SpeakerNames Choose(string file, ImmutableArray<string> speakers, bool prefixed = false, string[]? taken = null) =>
        SpeakerNames.Choose(new RecordedHistory(HistoryFormat.ShiViz, file, default, speakers, []), prefixed, (taken ?? []).Contains);
}
