using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class TextTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    private const string Hostile = "\e]0;owned\a\e[2J\u009b31m\r\nfake: line\u202E\u0000";

    [Fact]
    public async Task Control_characters_of_agents_never_reach_the_terminal()
    {
        (await tavern.JakeAsync("report", "waiting", Hostile)).Expect(ExitCode.Ok);
        var task = await tavern.WriteAsync("task", "create", Hostile);
        await tavern.WriteAsync("commit", Hostile, "--task", task);
        await tavern.WriteAsync("ask", Hostile);
        var message = await tavern.WriteAsync("send", Hostile);
        await tavern.UntilConvergedAsync();
        foreach (var line in new[] { "log", "log --json", "log -o ndjson", "status", "show jake", "task list", "commitments", "questions", "show " + message, "why gandalf jake --field note", "export" })
        {
            var result = (await tavern.GandalfAsync(line.Split(' '))).Expect(ExitCode.Ok);
            Assert.DoesNotContain(result.Output + result.Error, c => char.IsControl(c) && c != '\n');
            Assert.DoesNotContain('\u202E', result.Output + result.Error);
            Assert.DoesNotContain(result.Output.Split('\n'), text => text.StartsWith("fake", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Why_answers_in_two_lines_and_ends_within_fifteen()
    {
        var result = (await tavern.GandalfAsync("why", "gandalf", "jake")).Expect(ExitCode.Ok);
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.InRange(lines.Length, 2, 15);
        Assert.Contains("agree", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("AGREE", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_written_is_one_word_on_standard_output()
    {
        var result = (await tavern.JakeAsync("discover", "The west gate is open.", "--topic", "gate")).Expect(ExitCode.Ok);
        Assert.Matches(@"^jake:\d+\n$", result.Output);
        Assert.Contains("tavern who-knows jake:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_in_payloads_are_shown_as_names()
    {
        await tavern.WriteAsync("send", "hello", "--to", "gandalf");
        var result = (await tavern.JakeAsync("log", "jake", "--type", "MessageSent", "-n", "1")).Expect(ExitCode.Ok);
        Assert.Contains("to: [\"gandalf\"]", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suggested_commands_name_the_folder_that_was_named()
    {
        var result = (await tavern.JakeAsync("show", "gandalf")).Expect(ExitCode.Ok);
        Assert.Contains($"tavern log gandalf --data {tavern.Jake}", result.Error, StringComparison.Ordinal);
    }
}
