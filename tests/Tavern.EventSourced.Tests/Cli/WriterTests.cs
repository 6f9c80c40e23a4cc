using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class WriterTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Fact]
    public async Task Where_one_agent_is_hosted_it_writes() =>
        Assert.StartsWith("jake:", (await tavern.JakeAsync("send", "hello")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Where_several_are_hosted_the_writer_must_be_named()
    {
        var result = (await tavern.GandalfAsync("send", "hello")).Expect(ExitCode.Usage);
        Assert.Contains("gandalf", result.Error, StringComparison.Ordinal);
        Assert.Contains("bilbo", result.Error, StringComparison.Ordinal);
        Assert.StartsWith("bilbo:", (await tavern.GandalfAsync("send", "hello", "--as", "bilbo")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verification_that_nobody_would_count_is_refused()
    {
        var promise = await tavern.WriteAsync("commit", "the soup is warm");
        await tavern.WriteAsync("claim", promise, "taste it");
        await tavern.UntilConvergedAsync();
        (await tavern.GandalfAsync("verify", "fail", promise, "cold", "--as", "gandalf")).Expect(ExitCode.Conflict); // inside jake's subtree: nobody would count it
        Assert.Equal("claimed", await StateAsync(promise));
    }

    private async Task<string?> StateAsync(string promise)
    {
        var result = (await tavern.JakeAsync("commitments", "--json")).Expect(ExitCode.Ok);
        var line = result.Json.GetProperty("commitments").EnumerateArray().Single(one => one.GetProperty("commitment").GetProperty("name").GetString() == promise);
        return line.GetProperty("state").GetProperty("value").GetString();
    }
}
