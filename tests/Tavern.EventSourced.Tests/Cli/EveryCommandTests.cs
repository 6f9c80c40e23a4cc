using System.Text.Json;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Tests.Histories;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>Every command that writes or streams, once for people and once for programs. Those that read are in <see cref="JsonTests"/>.</summary>
public sealed class EveryCommandTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    private const string Written = "schema event type hash clock";

    [Theory]
    [InlineData("report waiting tea --as gandalf")]
    [InlineData("send hello --to jake --as gandalf")]
    [InlineData("discover gate-open --topic gate --as gandalf")]
    [InlineData("ask which-gate --to jake --as gandalf")]
    [InlineData("task create key --description gold --as gandalf")]
    [InlineData("commit noon --to jake --as gandalf")]
    public async Task What_stands_alone_is_written(string line) => await BothAsync(line);

    [Fact]
    public async Task Tasks_go_through_all_their_verbs()
    {
        var task = await BothAsync("task create key --as gandalf");
        await BothAsync($"task assign {task} bilbo --as gandalf");
        await tavern.UntilConvergedAsync();
        await BothAsync($"task start {task} --as bilbo");
        await BothAsync($"task progress {task} half --percent 50 --as bilbo");
        await BothAsync($"task fail {task} no-key --as bilbo");
        await BothAsync($"task complete {task} found --as bilbo");
        await tavern.UntilConvergedAsync();
        await BothAsync($"task cancel {task} enough --as gandalf");
        await tavern.UntilConvergedAsync();
        Assert.Equal("cancelled", await StateAsync("task list", "tasks", "task", task));
    }

    [Fact]
    public async Task A_promise_is_claimed_verified_disputed_and_ruled_and_another_is_withdrawn()
    {
        var promise = await BothAsync("commit quiet --as bilbo");
        await BothAsync($"claim {promise} listen --as bilbo");
        await tavern.UntilConvergedAsync();
        await BothAsync($"verify fail {promise} noisy --as gandalf");
        await tavern.UntilConvergedAsync();
        Assert.Equal("failed", await StateAsync("commitments", "commitments", "commitment", promise));
        await BothAsync($"dispute {promise} it-was-frodo --as bilbo");
        await tavern.UntilConvergedAsync();
        Assert.Equal("disputed", await StateAsync("commitments", "commitments", "commitment", promise));
        await BothAsync($"rule pass {promise} i-heard-frodo --as jake", atJake: true);
        await tavern.UntilConvergedAsync();
        Assert.Equal("verified", await StateAsync("commitments", "commitments", "commitment", promise));

        var other = await BothAsync("commit loud --as bilbo");
        await BothAsync($"withdraw {other} no --as bilbo", once: true);
        await tavern.UntilConvergedAsync();
        Assert.Equal("withdrawn", await StateAsync("commitments", "commitments", "commitment", other));
    }

    [Fact]
    public async Task A_question_is_answered()
    {
        var question = await BothAsync("ask which-gate --as gandalf");
        await tavern.UntilConvergedAsync();
        await BothAsync($"answer {question} the-west-gate --as bilbo");
        await tavern.UntilConvergedAsync();
        Assert.Equal("answered", await StateAsync("questions", "questions", "question", question));
    }

    [Fact]
    public async Task Agents_are_spawned_invited_and_retired()
    {
        var folder = tavern.Sandbox.Folder;
        Assert.NotEmpty((await tavern.GandalfAsync("spawn", "pippin", "--as", "gandalf")).Expect(ExitCode.Ok).Output);
        Keys("schema agent parent event", (await tavern.GandalfAsync("spawn", "merry", "--as", "gandalf", "--json")).Expect(ExitCode.Ok).Json);
        Assert.NotEmpty((await tavern.GandalfAsync("spawn", "sam", "--invite", Path.Combine(folder, "sam.txt"), "--as", "gandalf")).Expect(ExitCode.Ok).Output);
        Keys("schema agent parent event file expires", (await tavern.GandalfAsync("spawn", "rosie", "--invite", Path.Combine(folder, "rosie.txt"), "--as", "gandalf", "--json")).Expect(ExitCode.Ok).Json);
        Assert.NotEmpty((await tavern.Sandbox.RunAsync("join", "sam.txt", "--data", "sams")).Expect(ExitCode.Ok).Output);
        Keys("schema tavernName agent name dataFolder keysFolder", (await tavern.Sandbox.RunAsync("join", "rosie.txt", "--data", "rosies", "--json")).Expect(ExitCode.Ok).Json);

        await BothAsync("report idle --as pippin");
        await tavern.UntilConvergedAsync();
        Assert.Contains("has a new key", (await tavern.GandalfAsync("rekey", "pippin", "--invite", Path.Combine(folder, "pippin.txt"), "--as", "gandalf")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Keys("schema agent parent event file expires", (await tavern.GandalfAsync("rekey", "pippin", "--invite", Path.Combine(folder, "pippin2.txt"), "--as", "gandalf", "--json")).Expect(ExitCode.Ok).Json);
        Assert.Contains("has not forked", (await tavern.GandalfAsync("endorse", "pippin", "--as", "gandalf")).Expect(ExitCode.Conflict).Error, StringComparison.Ordinal);

        await BothAsync("retire pippin gone-home --as gandalf", once: true);
        Keys(Written, (await tavern.GandalfAsync("retire", "merry", "--as", "gandalf", "--json")).Expect(ExitCode.Ok).Json);
        var agents = (await tavern.GandalfAsync("agents", "--json")).Expect(ExitCode.Ok).Json.GetProperty("agents").EnumerateArray();
        Assert.Equal(["merry", "pippin"], agents.Where(row => row.GetProperty("retired").GetBoolean()).Select(row => row.GetProperty("agent").GetProperty("name").GetString()).Order());
    }

    [Fact]
    public async Task A_recorded_history_is_imported()
    {
        var file = Path.Combine(tavern.Sandbox.Folder, "red-book.json");
        await File.WriteAllBytesAsync(file, HistoryTexts.ChatOf(("Sam", "Well, I'm back."), ("Rose", "So I see.")));
        Assert.NotEmpty((await tavern.GandalfAsync("import", "--format", "who-and-when", file, "--as", "gandalf")).Expect(ExitCode.Ok).Output);
        var json = (await tavern.GandalfAsync("import", "--format", "who-and-when", file, "--as", "gandalf", "--json")).Expect(ExitCode.Ok).Json;
        Keys("schema importer histories", json);
        Keys("historian event file format sha256 alreadyThere events agents last mistake unmatchedLines datesAsText mistakeDoubt", json.GetProperty("histories")[0]);
        await tavern.UntilConvergedAsync();
        var told = (await tavern.JakeAsync("told", "Rose:1")).Expect(ExitCode.Ok).Output;
        Assert.Contains("gandalf  imported it at", told, StringComparison.Ordinal);
        Assert.Matches(@"jake +from (gandalf|bilbo) at", told);
    }

    [Fact]
    public async Task A_tavern_is_founded()
    {
        using var cli = new CliSandbox();
        Assert.NotEmpty((await cli.RunAsync("init", "inn")).Expect(ExitCode.Ok).Output);
        Keys("schema tavernName agent name dataFolder keysFolder", (await cli.RunAsync("init", "other-inn", "--json")).Expect(ExitCode.Ok).Json);
        Assert.Contains("has a new key", (await cli.RunAsync("recover")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Keys("schema agent event dataFolder keysFolder", (await cli.RunAsync("recover", "--json")).Expect(ExitCode.Ok).Json);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("")]
    public async Task A_tail_begins_with_the_last_lines(string format)
    {
        using var interruption = new Interruption();
        (await tavern.JakeAsync("send", "before")).Expect(ExitCode.Ok);
        var tail = tavern.Sandbox.RunAsync(interruption, [.. $"tail -n 2 {format}".Split(' ', StringSplitOptions.RemoveEmptyEntries), "--data", tavern.Jake]);
        (await tavern.JakeAsync("send", "meanwhile")).Expect(ExitCode.Ok);
        interruption.Raise(System.Runtime.InteropServices.PosixSignal.SIGINT);
        var result = (await tail).Expect(ExitCode.Interrupted);
        if (format.Length > 0) Assert.All(result.Lines, line => Keys("event delivery quarantined", line));
    }

    [Fact]
    public async Task An_export_is_one_event_per_line()
    {
        var result = (await tavern.JakeAsync("export")).Expect(ExitCode.Ok);
        Assert.NotEmpty(result.Lines);
        Assert.All(result.Lines, line => Keys("id name agent epoch sequence type typeVersion at hash previous causes deps traceParent payloadHash payloadBytes payload payloadBase64 note", line));
    }

    [Theory]
    [InlineData("gossip pause gandalf")]
    [InlineData("gossip resume gandalf")]
    public async Task Gossip_is_paused_and_resumed(string line)
    {
        Assert.NotEmpty((await tavern.JakeAsync(line.Split(' '))).Expect(ExitCode.Ok).Output);
        Keys("schema agent paused pausedPeers nextRoundSeconds", (await tavern.JakeAsync([.. line.Split(' '), "--json"])).Expect(ExitCode.Ok).Json);
        (await tavern.JakeAsync("gossip", "resume")).Expect(ExitCode.Ok);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("agents")]
    [InlineData("show gandalf")]
    [InlineData("show jake:1")]
    [InlineData("show --forks")]
    [InlineData("log")]
    [InlineData("clock")]
    [InlineData("lag")]
    [InlineData("why jake gandalf")]
    [InlineData("told jake:1")]
    [InlineData("who-knows jake:1")]
    [InlineData("causes jake:1")]
    [InlineData("effects jake:1")]
    [InlineData("relation jake:1 gandalf:1")]
    [InlineData("log jake:1..jake:2 --no-text")]
    [InlineData("log gandalf --since jake:1 -q announced")]
    [InlineData("show jake:1 --local")]
    [InlineData("show jake:1 --payload")]
    [InlineData("disagreements")]
    [InlineData("state")]
    [InlineData("state gandalf")]
    [InlineData("replay")]
    [InlineData("task list")]
    [InlineData("commitments")]
    [InlineData("questions")]
    [InlineData("wait --converged")]
    [InlineData("simulate --scenario list")]
    [InlineData("simulate --scenario rounds --agents 16 --seeds 1..3")]
    public async Task What_reads_says_something_to_people(string line) =>
        Assert.NotEmpty((await tavern.JakeAsync(line.Split(' '))).Expect(ExitCode.Ok).Output.Trim());

    /// <summary>The command for people, then (where it can be repeated) for programs; the name of what the first wrote.</summary>
    private async Task<string> BothAsync(string line, bool atJake = false, bool once = false)
    {
        var words = line.Split(' ');
        var text = (await RunAsync(words)).Expect(ExitCode.Ok).Output.Trim();
        Assert.Matches(@"^[a-z]+:\d+$", text);
        if (!once) Keys(Written, (await RunAsync([.. words, "--json"])).Expect(ExitCode.Ok).Json);
        return text;

        Task<CliResult> RunAsync(string[] args) => atJake ? tavern.JakeAsync(args) : tavern.GandalfAsync(args);
    }

    private async Task<string?> StateAsync(string command, string list, string name, string id)
    {
        var answer = (await tavern.GandalfAsync([.. command.Split(' '), "--json"])).Expect(ExitCode.Ok).Json;
        return answer.GetProperty(list).EnumerateArray().Single(line => line.GetProperty(name).GetProperty("name").GetString() == id)
            .GetProperty("state").GetProperty("value").GetString();
    }

    private static void Keys(string keys, JsonElement json) => Assert.Equal(keys.Split(' '), json.EnumerateObject().Select(property => property.Name));
}
