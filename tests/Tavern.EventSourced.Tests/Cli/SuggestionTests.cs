using Tavern.EventSourced.Cli;
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
    [InlineData("sauron")]
    [InlineData("x")]
    [InlineData("statu", "state", "status")]
    [InlineData("sta", "state", "status")]
    [InlineData("stat", "state")]
    public void The_closest_names_within_two_slips_are_meant(string typed, params string[] meant) =>
        Assert.Equal(meant, Suggestions.ClosestTo(typed, ["status", "jake", "gandalf", "legolas", "frodo", "gimli", "state"]));

    [Fact]
    public async Task A_command_that_is_as_near_to_two_names_both()
    {
        using var cli = new CliSandbox();
        Assert.Contains("state or status, perhaps", (await cli.RunAsync("statu")).Expect(ExitCode.Usage).Error, StringComparison.Ordinal);
    }
}
