using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class UsageTests : IDisposable
{
    private readonly CliSandbox _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("statsu", "status")]
    [InlineData("disagreement", "disagreements")]
    [InlineData("whoknows x:1", "who-knows")]
    [InlineData("task craete x", "create")]
    [InlineData("task", "create")]
    [InlineData("gossip", "pause")]
    [InlineData("status --obsrver x", "--observer")]
    [InlineData("status --jsno", "--json")]
    [InlineData("report wroking", "working")]
    [InlineData("report", "STATE")]
    [InlineData("why jake", "SUBJECT")]
    [InlineData("verify maybe gandalf:3", "pass")]
    [InlineData("report done note more", "quotes")]
    [InlineData("log -n many", "many")]
    [InlineData("status --output xml", "ndjson")]
    [InlineData("status --json -o text", "--json")]
    [InlineData("status --node nowhere", "http://")]
    [InlineData("init a/b", "letters")]
    [InlineData("node --api https://example.org", "loopback")]
    [InlineData("why jake gandalf --watch --as-of -5m", "--as-of")]
    [InlineData("export -o json", "ndjson")]
    [InlineData("demo --json", "text")]
    public async Task A_command_line_that_cannot_be_understood_returns_2_and_says_what_would_be_right(string line, string hint)
    {
        var result = await _cli.RunAsync(line.Split(' '));
        result.Expect(ExitCode.Usage);
        Assert.Empty(result.Output);
        Assert.StartsWith("tavern: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(hint, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_named_like_a_response_file_is_a_word()
    {
        var result = await _cli.RunAsync("send", "@everyone");
        result.Expect(ExitCode.NotFound);
        Assert.Contains("Which tavern?", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tavern_alone_shows_where_to_begin()
    {
        var result = (await _cli.RunAsync()).Expect(ExitCode.Ok);
        Assert.Contains("tavern demo", result.Output, StringComparison.Ordinal);
        Assert.Contains("tavern init", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task A_setting_that_does_not_exist_is_named()
    {
        _cli.WriteConfig("""{"colour":"never"}""");
        var result = (await _cli.RunAsync("status")).Expect(ExitCode.Usage);
        Assert.Contains("'colour'", result.Error, StringComparison.Ordinal);
    }
}
