using Tavern.EventSourced.Cli.Commands;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("gandlaf", "gandalf")]
    [InlineData("Gandalf", "gandalf")]
    [InlineData("jak", "jake")]
    [InlineData("legolass", "legolas")]
    [InlineData("fro", "frodo")]
    [InlineData("sauron", null)]
    [InlineData("x", null)]
    public void The_closest_name_within_two_slips_is_meant(string typed, string? meant) =>
        Assert.Equal(meant, Suggestions.ClosestTo(typed, ["jake", "gandalf", "legolas", "frodo", "gimli"]));
}
