using System.Runtime.InteropServices;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class ExitCodeTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Fact]
    public async Task Done_is_0() => (await tavern.JakeAsync("status")).Expect(ExitCode.Ok);

    [Fact]
    public async Task A_negative_answer_is_1_when_it_was_asked_for()
    {
        (await tavern.JakeAsync("gossip", "pause")).Expect(ExitCode.Ok);
        (await tavern.JakeAsync("report", "waiting")).Expect(ExitCode.Ok);
        (await tavern.GandalfAsync("why", "gandalf", "jake")).Expect(ExitCode.Ok);
        (await tavern.GandalfAsync("why", "gandalf", "jake", "--exit-code")).Expect(ExitCode.Negative);
        (await tavern.GandalfAsync("disagreements", "--exit-code")).Expect(ExitCode.Negative);
        (await tavern.GandalfAsync("wait", "--converged", "--timeout", "0.1")).Expect(ExitCode.TimedOut);
        (await tavern.JakeAsync("gossip", "resume")).Expect(ExitCode.Ok);
        (await tavern.GandalfAsync("wait", "--converged")).Expect(ExitCode.Ok);
        (await tavern.GandalfAsync("why", "gandalf", "jake", "--exit-code")).Expect(ExitCode.Ok);
        (await tavern.GandalfAsync("disagreements", "--exit-code")).Expect(ExitCode.Ok);
    }

    [Fact]
    public async Task Not_found_is_3_and_says_what_was_probably_meant()
    {
        var result = (await tavern.JakeAsync("show", "gandlaf")).Expect(ExitCode.NotFound);
        Assert.Contains("gandalf, perhaps", result.Error, StringComparison.Ordinal);
        (await tavern.JakeAsync("show", "jake:999")).Expect(ExitCode.NotFound);
        (await tavern.JakeAsync("send", "hello", "--as", "gandalf")).Expect(ExitCode.NotFound);
        (await tavern.Sandbox.RunAsync("status", "--data", "nowhere")).Expect(ExitCode.NotFound);
        (await tavern.Sandbox.RunAsync("join", "nothing.invitation")).Expect(ExitCode.NotFound);
        (await tavern.JakeAsync("import", "--format", "shiviz", "nothing.log")).Expect(ExitCode.NotFound);
        var when = (await tavern.JakeAsync("state", "gandalf", "--as-of", "yesterday")).Expect(ExitCode.NotFound).Error;
        foreach (var form in (string[])["'yesterday'", "gandalf:42", "jake:80,gandalf:41", "-5m", "2026-11-22T09:14Z"]) Assert.Contains(form, when, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conflict_is_4()
    {
        var open = (await tavern.JakeAsync("state", "--as-of", "gandalf:1,jake:1")).Expect(ExitCode.Conflict);
        Assert.Contains("--close", open.Error, StringComparison.Ordinal);
        (await tavern.JakeAsync("state", "--as-of", "gandalf:1,jake:1", "--close")).Expect(ExitCode.Ok);
        var file = Path.Combine(tavern.Sandbox.Folder, "taken");
        await File.WriteAllTextAsync(file, "");
        (await tavern.JakeAsync("spawn", "sam", "--invite", file)).Expect(ExitCode.Conflict);
        (await tavern.JakeAsync("init", "again")).Expect(ExitCode.Conflict);
    }

    [Fact]
    public async Task An_unreachable_node_is_7()
    {
        (await tavern.JakeAsync("status", "--node", "http://127.0.0.1:1")).Expect(ExitCode.Unreachable);
        (await tavern.Sandbox.RunAsync("init", "silent", "--data", "silent")).Expect(ExitCode.Ok);
        var result = (await tavern.Sandbox.RunAsync("report", "working", "--data", "silent")).Expect(ExitCode.Unreachable);
        Assert.Contains("tavern node", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_is_8()
    {
        (await tavern.Sandbox.RunAsync("init", "other", "--data", "other")).Expect(ExitCode.Ok);
        var foreign = NodeFile.Find(tavern.Jake)!.Api.ToString();
        (await tavern.Sandbox.RunAsync("status", "--node", foreign, "--data", "other")).Expect(ExitCode.Denied);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("init", "inn")]
    public async Task A_folder_that_this_user_may_not_look_into_is_8_and_not_called_empty(params string[] args)
    {
        if (!OperatingSystem.IsLinux()) return; // how to be another user for a while differs elsewhere
        using var cli = new CliSandbox();
        var closed = Path.Combine(cli.Folder, "closed");
        (await cli.RunAsync([.. args, "--data", cli.Folder])).Expect(args[0] == "init" ? ExitCode.Ok : ExitCode.NotFound); // all code is loaded by now
        Directory.CreateDirectory(closed, UnixFileMode.None);
        try
        {
            var refused = AnotherUser.Run(() => cli.RunAsync([.. args, "--data", Path.Combine(closed, "inn")]).GetAwaiter().GetResult()).Expect(ExitCode.Denied);
            Assert.Contains("permission denied", refused.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("holds no tavern", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT, 130)]
    [InlineData(PosixSignal.SIGTERM, 143)]
    public async Task Ended_by_a_signal_is_128_and_its_number(PosixSignal signal, int code)
    {
        using var interruption = new Interruption();
        var tail = tavern.Sandbox.RunAsync(interruption, "tail", "--data", tavern.Jake);
        Assert.True(interruption.Raise(signal));
        Assert.False(interruption.Raise(signal));
        (await tail).Expect((ExitCode)code);
    }

    [Fact]
    public void The_numbers_are_those_that_scripts_know() => Assert.Equal(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 130, 143],
        Enum.GetValues<ExitCode>().Select(code => (int)code));
}
