using System.Text.RegularExpressions;
using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

public sealed partial class SearchTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Theory]
    [InlineData("log --after soon", 2, "'soon'")]
    [InlineData("log --after -1", 2, "-1")]
    [InlineData("log --before 0", 2, "expected 1 or more")]
    [InlineData("log --after 900000", 2, "past the end of jake's log")]
    [InlineData("log --after 1 --before 2", 2, "one of them")]
    [InlineData("log -n -1", 2, "expected 1 to 1000")]
    [InlineData("log --limit 1001", 2, "expected 1 to 1000")]
    [InlineData("log --limit 99999999999", 2, "expected 1 to 1000")]
    [InlineData("log --type a,,b", 2, "empty")]
    [InlineData("log --agent gandlaf", 3, "gandalf, perhaps")]
    [InlineData("log --since nobody:1", 3, "nobody")]
    [InlineData("log --since jake:0", 2, "jake:0")]
    [InlineData("log jake:1...jake:2", 2, "between two")]
    [InlineData("tail --type a,,b", 2, "empty")]
    [InlineData("causes jake:999", 3, "jake:999")]
    [InlineData("causes jake", 0, "")]
    [InlineData("causes jake:1 --depth 0", 2, "expected 1 or more")]
    [InlineData("effects jake:1 --limit 1001", 2, "expected 1 to 1000")]
    [InlineData("relation jake:1 jake:1..jake:2", 2, "not one event")]
    [InlineData("show jake:999", 3, "jake:999")]
    public async Task What_is_wrong_is_said_with_its_exit_code(string line, int code, string says)
    {
        var result = (await tavern.JakeAsync(line.Split(' '))).Expect((ExitCode)code);
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log --type DiscoveryShared -q \"late news\" -n 2")]
    [InlineData("log --type DiscoveryShared -q \"late news\" -n 2 --after 0")]
    public async Task A_search_that_was_cut_short_prints_the_command_that_goes_on(string line)
    {
        for (var i = 0; i < 5; i++) await tavern.WriteAsync("discover", $"late news {i}");
        var whole = (await tavern.JakeAsync(Words("log --type DiscoveryShared -q \"late news\" -n 1000 -o ndjson"))).Expect(ExitCode.Ok).Lines.Count;
        var (found, words, pages) = (0, Words(line), 0);
        while (true)
        {
            var page = (await tavern.Sandbox.RunAsync(words.Contains("--data") ? words : [.. words, "--data", tavern.Jake])).Expect(ExitCode.Ok);
            found += page.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            pages++;
            if (!page.Error.Contains(" ones: tavern ", StringComparison.Ordinal)) break;
            Assert.Contains("jake's log has ", page.Error, StringComparison.Ordinal);
            words = Words(page.Error[(page.Error.IndexOf(" ones: tavern ", StringComparison.Ordinal) + " ones: tavern ".Length)..].TrimEnd());
        }

        Assert.Equal(whole, found);
        Assert.True(pages > 2);
    }

    [Fact]
    public async Task A_search_that_finds_nothing_says_so_beside_the_data()
    {
        var result = (await tavern.JakeAsync("log", "-q", "nobody says this")).Expect(ExitCode.Ok);
        Assert.Empty(result.Output);
        Assert.Contains("none of those looked at fits", result.Error, StringComparison.Ordinal);
    }

    /// <summary>As a shell splits it.</summary>
    private static string[] Words(string line) => [.. Word().Matches(line).Select(match => match.Value.Trim('"', '\''))];

    [GeneratedRegex("""\"[^\"]*\"|'[^']*'|\S+""")]
    private static partial Regex Word();
}
