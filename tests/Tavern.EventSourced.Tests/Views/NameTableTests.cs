using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views;

public class NameTableTests
{
    private static readonly AgentId Keeper = AgentId.Parse("3f2a0000000000000000000000000000");
    private static readonly AgentId Near = AgentId.Parse("3f2a1000000000000000000000000000");
    private static readonly AgentId Far = AgentId.Parse("ffff0000000000000000000000000000");
    private static readonly AgentId Nameless = AgentId.Parse("ffff1000000000000000000000000000");

    private readonly NameTable _names = Table((Keeper, "gandalf"), (Near, "gandalf"), (Far, "gandalf"), (Nameless, "no name"));

    [Fact]
    public void The_keeper_shows_the_bare_name_and_others_as_many_digits_as_they_need()
    {
        Assert.Equal("gandalf", _names.DisplayNameOf(Keeper));
        Assert.Equal("gandalf~3f2a1", _names.DisplayNameOf(Near));
        Assert.Equal("gandalf~ffff", _names.DisplayNameOf(Far));
        Assert.Equal("~ffff1", _names.DisplayNameOf(Nameless));
        Assert.Equal(new AgentId(7).ToString(), _names.DisplayNameOf(new AgentId(7)));
    }

    [Theory]
    [InlineData("gandalf", "3f2a0")]
    [InlineData("gandalf~3f2a0", "3f2a0")]
    [InlineData("gandalf~3F2A1", "3f2a1")]
    [InlineData("gandalf~ffff", "ffff0")]
    [InlineData("gandalf~ffff0000000000000000000000000000", "ffff0")]
    [InlineData("~ffff1", "ffff1")]
    [InlineData("ffff1000000000000000000000000000", "ffff1")]
    public void Names_digits_and_ids_find_their_agent(string text, string prefix) =>
        Assert.StartsWith(prefix, Assert.IsType<NameLookup.Found>(_names.Find(text)).Agent.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("Gandalf")]
    [InlineData("no name")]
    [InlineData("gandalf~")]
    [InlineData("gandalf~3f2")]
    [InlineData("gandalf~ffff1")]
    [InlineData("gandalf~zzzz")]
    [InlineData("frodo~3f2a")]
    [InlineData("~0000")]
    [InlineData("gandalf~3f2a00000000000000000000000000000")]
    [InlineData("00000000000000000000000000000007")]
    public void Anything_else_is_unknown(string text) => Assert.Equal(new NameLookup.Unknown(text), _names.Find(text));

    [Fact]
    public void Too_few_digits_are_ambiguous_and_the_answer_says_what_to_type()
    {
        var lookup = Assert.IsType<NameLookup.Ambiguous>(_names.Find("gandalf~3f2a"));
        Assert.Equal("gandalf~3f2a0 gandalf~3f2a1", string.Join(' ', lookup.Names));
        Assert.Equal("~ffff0 ~ffff1", string.Join(' ', Assert.IsType<NameLookup.Ambiguous>(_names.Find("~ffff")).Names));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_displayed_is_always_accepted_and_different_for_every_agent(ulong seed)
    {
        var random = new SplitMix64(seed);
        string[] pool = ["gandalf", "frodo", "a-b_c", "", "no name", "0123"];
        var agents = Enumerable.Range(0, 300).Select(_ => (new AgentId(new UInt128((ulong)random.Below(40) << 52 | random.Next() >> 60 << 48, random.Next())), pool[random.Below(pool.Length)]))
            .DistinctBy(agent => agent.Item1).ToArray();
        var names = Table(agents);
        Assert.Equal(agents.Length, agents.Select(agent => names.DisplayNameOf(agent.Item1)).Distinct().Count());
        foreach (var (agent, _) in agents)
            Assert.True(names.Find(names.DisplayNameOf(agent)) == new NameLookup.Found(agent), $"{names.DisplayNameOf(agent)} does not name {agent}, seed {seed}.");
    }

    [Theory]
    [InlineData("gandalf", true)]
    [InlineData("0", true)]
    [InlineData("A-b_9", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("_a", false)]
    [InlineData("a b", false)]
    [InlineData("gandälf", false)]
    [InlineData("a~3f2a", false)]
    [InlineData("a:1", false)]
    [InlineData("0123456789abcdef0123456789ABCDEF", false)]
    [InlineData("0123456789abcdef0123456789ABCDE", true)]
    public void Names_are_short_ascii_words_that_no_id_looks_like(string name, bool valid) => Assert.Equal(valid, AgentName.IsValid(name));

    [Fact]
    public void A_name_has_at_most_64_characters()
    {
        Assert.True(AgentName.IsValid(new string('x', 64)));
        Assert.False(AgentName.IsValid(new string('x', 65)));
    }

    private static NameTable Table(params (AgentId Agent, string Name)[] agents)
    {
        var (index, chain, names) = (new CausalIndex(), new ChainId(new AgentId(1), 1), NameTable.Empty);
        for (var i = 0; i < agents.Length; i++)
        {
            index.Append(chain[i + 1], []);
            names = names.With(agents[i].Agent, agents[i].Name, new CausalPast(index, chain[i + 1]));
        }

        return names;
    }
}
