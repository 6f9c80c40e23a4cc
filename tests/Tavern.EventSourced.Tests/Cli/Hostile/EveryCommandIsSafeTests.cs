using System.Runtime.InteropServices;
using System.Text.Json;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>Every command, at a node that puts hostile text into every field of every answer and refusal, and with hostile words on its own
/// command line: neither stream holds anything that a terminal obeys.</summary>
public sealed class EveryCommandIsSafeTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    // Its texts are its own: five agents of this program tell them.
    private static readonly string[] Exempt = ["demo"];

    /// <summary>Words that decide what is shown: with them left alone, all of it is shown.</summary>
    private static readonly HashSet<string> Decisive =
    [
        "verdict", "reason", "standing", "state", "mode", "kind", "proof", "relation", "agreement", "type", "field", "hash", "previous", "payloadHash", "payloadBase64", "id", "api", "gossip",
    ];

    private static readonly string[] Lines =
    [
        "status", "agents", "show jake", "show gandalf", "show jake:1", "show jake:1 --local", "show jake:1 --payload", "show nobody", "show jake:999", "show --forks", "show jake/1:1", "show jake:1#abcd", "show jake:1#HOSTILE", "log", "log gandalf", "log -q nothing-says-this",
        "log -n 2", "log --after 0 -n 2 --no-text", "log --agent nobody", "log jake:1..jake:2", "why jake gandalf", "why gandalf jake --as-of jake:2", "disagreements", "told gandalf:1", "who-knows jake:1", "lag",
        "causes LAST", "causes jake:1", "effects jake:2", "relation jake:1 LAST", "relation jake:1 jake:1", "report working HOSTILE", "report done --task jake:1", "task create HOSTILE", "task assign jake:1 gandalf",
        "task start jake:1", "task progress jake:1 HOSTILE", "task complete jake:1", "task fail jake:1 HOSTILE", "task cancel jake:1", "task list", "commit HOSTILE", "claim jake:1 HOSTILE", "withdraw jake:1",
        "verify pass jake:1 HOSTILE", "verify HOSTILE jake:1", "dispute jake:1 HOSTILE", "rule pass jake:1 HOSTILE", "commitments", "ask HOSTILE", "answer jake:1 HOSTILE", "questions", "discover HOSTILE --topic HOSTILE",
        "send HOSTILE", "send HOSTILE --to HOSTILE", "state", "state gandalf", "state --as-of HOSTILE", "state --as-of gandalf:1,jake:1", "replay", "clock", "export", "gossip pause nobody", "gossip resume", "wait --converged",
        "spawn HOSTILE", "spawn sam --invite sam.HOSTILE", "retire nobody HOSTILE", "retire HOSTILE", "rekey nobody --invite new.HOSTILE", "rekey HOSTILE", "endorse nobody", "endorse HOSTILE", "recover --data HOSTILE", "recover --recovery-key HOSTILE", "init HOSTILE", "init inn --data FRESH", "join HOSTILE", "join bad.invitation", "node --data HOSTILE", "tail -n 3", "HOSTILE", "show HOSTILE", "show jake:1 --HOSTILE",
        "import --format HOSTILE HOSTILE", "import --format shiviz HOSTILE", "import --format shiviz hostile.json --pattern HOSTILE", "import --format shiviz hostile.json", "import --format who-and-when hostile.json",
        "simulate", "simulate --scenario HOSTILE", "simulate --scenario rounds --seeds HOSTILE", "simulate --scenario rounds --agents HOSTILE", "simulate --scenario rounds --agents 2", "simulate HOSTILE",
        "ready", "ready HOSTILE", "fsck", "fsck --max HOSTILE", "fsck --repair-from HOSTILE", "fsck HOSTILE", "backup HOSTILE", "backup --check HOSTILE", "backup --check hostile.json", "restore HOSTILE --data HOSTILE", "restore HOSTILE", "restore hostile.json --data FRESH", "doctor", "doctor HOSTILE", "migrate", "migrate --plan", "migrate HOSTILE", "migrate --store HOSTILE", "node --store HOSTILE", "init inn --data FRESH --store HOSTILE",
        "log --limit HOSTILE", "log --after HOSTILE", "status --node HOSTILE", "status --output HOSTILE", "causes jake:1 --depth HOSTILE", "show jake:1 HOSTILE HOSTILE", "status --observer HOSTILE",
    ];

    public static TheoryData<bool, bool> Modes => new() { { true, true }, { false, false } };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Nothing_that_a_terminal_obeys_is_written(bool everything, bool colour)
    {
        var last = await PrepareAsync();
        foreach (var line in Lines)
        {
            var result = await RunAsync(Words(line, last, everything, colour), everything, colour);
            HostileWords.AssertHarmless(result.Output, colour, $"{line}, everything {everything}, stdout", json: line == "export");
            HostileWords.AssertHarmless(result.Error, colour, $"{line}, everything {everything}, stderr");
            Assert.False(result.Code is ExitCode.Fault, $"{line}: {result.Error}");
        }
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("-o ndjson")]
    public async Task Json_stays_valid_and_harmless_and_says_what_the_node_said(string format)
    {
        var last = await PrepareAsync();
        foreach (var line in Lines.Where(line => !line.Contains("HOSTILE", StringComparison.Ordinal) && !line.Contains("--payload", StringComparison.Ordinal) && line is not ("tail -n 3" or "export" or "init inn --data FRESH")))
        {
            var result = await RunAsync([.. Words(line, last, false, false), .. format.Split(' ')], everything: true, colour: false);
            HostileWords.AssertHarmless(result.Output, false, $"{line} {format}, stdout", json: true);
            HostileWords.AssertHarmless(result.Error, false, $"{line} {format}, stderr");
            if (result.Output.Length == 0) continue;
            if (format == "--json") Assert.Equal(JsonValueKind.Object, result.Json.ValueKind);
            else Assert.All(result.Lines, item => Assert.Equal(JsonValueKind.Object, item.ValueKind));
        }
    }

    [Fact]
    public void Every_command_is_tried()
    {
        var commands = new TavernCommandLine(tavern.Sandbox.NewHost(new Terminal(TextWriter.Null, TextWriter.Null, false, false))).All
            .Where(command => command is CliCommand && command.Subcommands.Count == 0).Select(command => HelpPage.NameOf(command)["tavern ".Length..]).ToList();
        Assert.True(commands.Count > 40, $"only {commands.Count} commands are looked at");
        Assert.All(commands.Except(Exempt), command => Assert.Contains(Lines, line => line == command || line.StartsWith(command + " ", StringComparison.Ordinal)));
    }

    /// <summary>An event with something of everything; its name.</summary>
    private async Task<string> PrepareAsync()
    {
        var promise = await tavern.WriteAsync("commit", HostileWords.AsWord);
        await tavern.WriteAsync("claim", promise, "here");
        await tavern.WriteAsync("task", "create", "a task");
        await File.WriteAllTextAsync(Path.Combine(tavern.Sandbox.Folder, "bad.invitation"), $$"""{"schema":1,"tavern":{{HostileWords.RawJson}},"tavernName":{{HostileWords.RawJson}} }""");
        await File.WriteAllTextAsync(Path.Combine(tavern.Sandbox.Folder, "hostile.json"), $$"""{"history":[{"name":{{JsonSerializer.Serialize(HostileWords.All)}},"content":{{HostileWords.RawJson}} }]}""");
        var last = await tavern.WriteAsync("report", "working");
        await tavern.UntilConvergedAsync();
        return last;
    }

    private static string[] Words(string line, string last, bool everything, bool colour) =>
    [
        .. line.Split(' ').Select(word => word
            .Replace("HOSTILE", HostileWords.AsWord, StringComparison.Ordinal).Replace("LAST", last, StringComparison.Ordinal).Replace("FRESH", $"fresh-{everything}-{colour}", StringComparison.Ordinal)),
    ];

    private async Task<CliResult> RunAsync(string[] words, bool everything, bool colour)
    {
        var (error, interruption) = (new StringWriter(), new Interruption());
        // Following a log ends with the first line that was written.
        var output = words[0] == "tail" ? new FirstLine(() => interruption.Raise(PosixSignal.SIGINT)) : new StringWriter();
        var doors = new Doors(tavern.Sandbox.Environment);
        var host = new CommandHost(
            new Terminal(output, error, colour, colour) { ShowsProgress = colour },
            tavern.Sandbox.Environment,
            TimeProvider.System,
            async (settings, write, cancellationToken) => new TamperedDoor(
                await doors.OpenAsync(settings, write, cancellationToken),
                (field, text) => everything ? HostileWords.All : Decisive.Contains(field) ? text : text + HostileWords.All));
        string[] folder = words.Contains("--data") ? [] : ["--data", tavern.Jake];
        var code = await new TavernCommandLine(host).RunAsync(words[0] is "join" or "init" ? words : [.. words, .. folder], interruption);
        return new CliResult(code, output.ToString(), error.ToString());
    }

    private sealed class FirstLine(Action written) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            written();
        }
    }
}
