using System.Text;
using System.Text.Json;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Histories;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class ImportCommandTests : IDisposable
{
    private readonly CliSandbox _cli = new();

    [Fact]
    public async Task A_history_is_imported_and_read_without_any_node()
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two."), ("Boss", "Wrong.")));
        var imported = (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok).Output;
        Assert.Contains("chat.json is imported: 3 events of 2 agents, under chat; jake vouches for it", imported, StringComparison.Ordinal);
        Assert.Contains("Boss:1 to Boss:2", imported, StringComparison.Ordinal);

        var log = (await RunAsync("log", "Boss")).Expect(ExitCode.Ok).Output.TrimEnd().Split('\n');
        Assert.Equal(2, log.Length);
        Assert.All(log, line => Assert.Matches("^UNKNOWN  Boss:[12]  MessageSent  imported with chat  ", line));
        Assert.Contains("Boss:2 rests on 2 events", (await RunAsync("causes", "Boss:2")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Contains("Verified", (await RunAsync("replay")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_that_nobody_recorded_are_unknown_wherever_they_would_be_shown()
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two.")));
        (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok);
        foreach (var line in new[] { "log Clerk", "show Clerk:1", "told Clerk:1", "causes Clerk:1", "clock" })
        {
            var text = (await RunAsync(line.Split(' '))).Expect(ExitCode.Ok).Output;
            Assert.Contains("UNKNOWN", text, StringComparison.Ordinal);
            Assert.DoesNotContain("1970", text, StringComparison.Ordinal);
        }

        foreach (var line in new[] { "why jake Clerk", "why jake Clerk --json", "agents", "status", "show Clerk", "state Clerk", "agents --json", "log --json", "told Clerk:1 --json" })
            Assert.DoesNotContain("1970", (await RunAsync(line.Split(' '))).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await RunAsync("show", "Clerk:1", "--json")).Expect(ExitCode.Ok).Json.GetProperty("event").GetProperty("at").ValueKind);
        var told = (await RunAsync("told", "Clerk:1", "--json")).Expect(ExitCode.Ok).Json;
        Assert.Equal(JsonValueKind.Null, told.GetProperty("writtenAt").ValueKind);
        Assert.Contains((await RunAsync("export")).Expect(ExitCode.Ok).Lines, view =>
            view.GetProperty("name").GetString() == "Clerk:1" && view.GetProperty("at").ValueKind is JsonValueKind.Null);
    }

    [Fact]
    public async Task Told_shows_an_import_and_no_conversation()
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two.")));
        (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok);
        var told = (await RunAsync("told", "Clerk:1", "--json")).Expect(ExitCode.Ok).Json;
        var hearer = Assert.Single(told.GetProperty("hearers").EnumerateArray());
        Assert.Equal(("jake", "imported", "imported"), (hearer.GetProperty("agent").GetProperty("name").GetString(), hearer.GetProperty("state").GetString(), hearer.GetProperty("mode").GetString()));
        Assert.Equal(JsonValueKind.Null, hearer.GetProperty("from").ValueKind);
        Assert.Equal("chat.json", told.GetProperty("record").GetProperty("file").GetString());
        Assert.Equal((1, 1), (told.GetProperty("heardBy").GetProperty("atLeast").GetInt32(), told.GetProperty("heardBy").GetProperty("of").GetInt32()));

        var text = (await RunAsync("told", "Clerk:1")).Expect(ExitCode.Ok).Output;
        Assert.Contains("jake  imported it at", text, StringComparison.Ordinal);
        Assert.DoesNotContain("wrote it", text, StringComparison.Ordinal);
        Assert.DoesNotContain("no answer", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("told", "hearers")]
    [InlineData("who-knows", "knows")]
    public async Task Who_in_a_record_had_heard_an_event_is_said_as_what_the_record_proves(string command, string here)
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two."), ("Boss", "Wrong."), ("Judge", "Right."), ("Boss", "Well.")));
        (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok);
        var answer = (await RunAsync(command, "Boss:2", "--json")).Expect(ExitCode.Ok).Json;
        Assert.Equal("jake", Assert.Single(answer.GetProperty(here).EnumerateArray()).GetProperty("agent").GetProperty("name").GetString());
        var recorded = answer.GetProperty("recorded");
        Assert.Equal(["file", "format", "complete", "heardCount", "heard", "notHeardCount", "notHeard"], recorded.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("chat.json", "who-and-when", true), (recorded.GetProperty("file").GetString(), recorded.GetProperty("format").GetString(), recorded.GetProperty("complete").GetBoolean()));
        var heard = Assert.Single(recorded.GetProperty("heard").EnumerateArray());
        Assert.Equal(("Judge", "Judge:1"), (heard.GetProperty("agent").GetProperty("name").GetString(), heard.GetProperty("since").GetProperty("name").GetString()));
        Assert.Equal(["Clerk"], recorded.GetProperty("notHeard").EnumerateArray().Select(agent => agent.GetProperty("name").GetString()));
        Assert.Equal((1, 1), (recorded.GetProperty("heardCount").GetInt32(), recorded.GetProperty("notHeardCount").GetInt32()));

        var text = (await RunAsync(command, "Boss:2")).Expect(ExitCode.Ok).Output;
        Assert.Contains(
            """
              by the record, chat.json (who-and-when), 1 of 2 others had heard it: in a group chat whoever speaks has heard what was said before
                Judge  since Judge:1 at the latest
                Clerk  never, as far as the record shows
                who told whom, and when, is UNKNOWN

            """,
            text, StringComparison.Ordinal);
        Assert.Contains("in this tavern", text, StringComparison.Ordinal);
        Assert.Contains("0 of 2 others had heard it", (await RunAsync(command, "Boss:3")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("told")]
    [InlineData("who-knows")]
    public async Task What_is_no_event_of_a_record_has_no_hearers_in_one(string command)
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two.")));
        (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok);
        foreach (var name in new[] { "jake:1", "chat:1" })
        {
            Assert.Equal(JsonValueKind.Null, (await RunAsync(command, name, "--json")).Expect(ExitCode.Ok).Json.GetProperty("recorded").ValueKind);
            Assert.DoesNotContain("by the record", (await RunAsync(command, name)).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_speaks_alone_in_a_record_was_heard_by_nobody_else()
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Hermit", "Hm.")));
        (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok);
        Assert.Contains("there was nobody else to hear it", (await RunAsync("told", "Hermit:1")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_is_not_here_whole_is_said_to_show_more_perhaps()
    {
        var output = new StringWriter();
        RecordedText.Show(
            new Terminal(output, TextWriter.Null, colour: false, errorColour: false), new RecordedAudience("some.log", "shiviz", Complete: false, 0, [], 1, [new AgentRef("a", "node1")]));
        Assert.Contains("0 of 1 other had heard it", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("part of the record is not here yet and may show more", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_thousands_of_hosts_a_few_are_shown_and_a_thousand_named_with_the_counts_of_all()
    {
        const int hearers = 1_003, deaf = 1_002;
        await FoundAsync();
        Write("hosts.log", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(1, hearers).Select(i => $"near{i} {{\"near{i}\":1, \"tower\":1}} heard it")
            .Concat(Enumerable.Range(1, deaf).Select(i => $"far{i} {{\"far{i}\":1}} slept")).Prepend("tower {\"tower\":1} rang"))));
        (await RunAsync("import", "--format", "shiviz", "hosts.log")).Expect(ExitCode.Ok);
        var recorded = (await RunAsync("told", "tower:1", "--json")).Expect(ExitCode.Ok).Json.GetProperty("recorded");
        Assert.Equal((hearers, deaf), (recorded.GetProperty("heardCount").GetInt32(), recorded.GetProperty("notHeardCount").GetInt32()));
        Assert.Equal((1_000, 1_000), (recorded.GetProperty("heard").GetArrayLength(), recorded.GetProperty("notHeard").GetArrayLength()));
        var text = (await RunAsync("told", "tower:1")).Expect(ExitCode.Ok).Output;
        Assert.Contains("1003 of 2005 others had heard it: its vector clocks say what came before what", text, StringComparison.Ordinal);
        Assert.Matches("and 995 more +had heard it; --json names 1000\n", text);
        Assert.Matches("and 994 more +never, as far as the record shows; --json names 1000\n", text);
        Assert.InRange(text.Split('\n').Length, 20, 24);
    }

    [Fact]
    public async Task Whoever_spoke_in_a_record_has_ended_and_is_in_nobodys_way()
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two.")));
        (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok);
        var agents = (await RunAsync("agents", "--json")).Expect(ExitCode.Ok).Json.GetProperty("agents").EnumerateArray().ToList();
        Assert.Equal(["Boss", "Clerk", "chat"], agents.Where(row => row.GetProperty("retired").GetBoolean()).Select(row => row.GetProperty("agent").GetProperty("name").GetString()));
        Assert.Contains("and 3 agents of recorded histories, 1 imported", (await RunAsync("status")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        (await RunAsync("wait", "--converged", "--timeout", "5")).Expect(ExitCode.Ok);
        (await RunAsync("report", "working", "--as", "Boss")).Expect(ExitCode.Unreachable); // no node, and no key on any
    }

    [Fact]
    public async Task A_file_is_imported_once_unless_it_is_asked_for_again()
    {
        await FoundAsync();
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two.")));
        Write("copy.json", HistoryTexts.ChatOf(("Boss", "Count."), ("Clerk", "Two.")));
        (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok);
        var before = await EventsAsync();
        Assert.Contains("is there already", (await RunAsync("import", "--format", "who-and-when", "copy.json")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Equal(before, (await EventsAsync()).Where(before.Contains));
        var again = (await RunAsync("import", "--format", "who-and-when", "copy.json", "--again", "--json")).Expect(ExitCode.Ok).Json.GetProperty("histories")[0];
        Assert.False(again.GetProperty("alreadyThere").GetBoolean());
        var twice = (await RunAsync("import", "--format", "who-and-when", "chat.json", "chat.json", "--again")).Expect(ExitCode.Ok).Output;
        Assert.Contains("chat.json was given more than once: it is imported once", twice, StringComparison.Ordinal);
        Assert.DoesNotContain("--again", twice, StringComparison.Ordinal);
        Assert.Equal(["copy-Boss", "copy-Clerk"], again.GetProperty("agents").EnumerateArray().Select(line => line.GetProperty("agent").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Of_several_files_each_puts_its_name_in_front_and_the_same_file_twice_is_one()
    {
        await FoundAsync();
        Write("1.json", HistoryTexts.ChatOf(("Boss", "a")));
        Write("2.json", HistoryTexts.ChatOf(("Boss", "b")));
        var result = (await RunAsync("import", "--format", "who-and-when", "1.json", "2.json", "1.json", "--json")).Expect(ExitCode.Ok).Json.GetProperty("histories").EnumerateArray().ToList();
        Assert.Equal(["1-Boss", "2-Boss", "1-Boss"], result.Select(one => one.GetProperty("agents")[0].GetProperty("agent").GetProperty("name").GetString()));
        Assert.Equal([false, false, true], result.Select(one => one.GetProperty("alreadyThere").GetBoolean()));
        Assert.Contains("are concurrent", (await RunAsync("relation", "1-Boss:1", "2-Boss:1")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_that_the_file_contradicts_is_said_to_be_in_doubt()
    {
        await FoundAsync();
        Write("chat.json", """{"mistake_agent":"b","mistake_step":0,"history":[{"name":"a","content":"x"},{"name":"b","content":"y"}]}"""u8.ToArray());
        var text = (await RunAsync("import", "--format", "who-and-when", "chat.json")).Expect(ExitCode.Ok).Output;
        Assert.Contains("the decisive mistake is in doubt: the file names 'b', but its step 0 is by 'a'; chat:1 has what it says", text, StringComparison.Ordinal);
        Assert.DoesNotContain("names a:1", text, StringComparison.Ordinal);
        Assert.Contains("but its step 0 is by 'a'", (await RunAsync("show", "chat:1", "--json")).Expect(ExitCode.Ok).Output.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Histories_of_separate_commands_are_ordered_only_by_their_imports_and_that_is_said()
    {
        await FoundAsync();
        Write("one.log", "a {\"a\":1} x\nb {\"a\":1,\"b\":1} y"u8.ToArray());
        Write("two.log", "c {\"c\":1} x"u8.ToArray());
        var text = (await RunAsync("import", "--format", "shiviz", "one.log")).Expect(ExitCode.Ok);
        Assert.Contains("tavern show b:1", text.Output + text.Error, StringComparison.Ordinal);
        Assert.Contains("tavern relation a:1 b:1", text.Output + text.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("tavern causes", text.Output + text.Error, StringComparison.Ordinal);
        (await RunAsync("import", "--format", "shiviz", "two.log")).Expect(ExitCode.Ok);

        var before = (await RunAsync("relation", "b:1", "c:1")).Expect(ExitCode.Ok).Output;
        Assert.Contains("b:1 is before c:1, only through the import: jake imported c:1's record after b:1's", before, StringComparison.Ordinal);
        Assert.DoesNotContain("had heard of b:1", before, StringComparison.Ordinal);
        Assert.Contains("c:1 is after a:1, only through the import", (await RunAsync("relation", "c:1", "a:1")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("only through", (await RunAsync("relation", "a:1", "b:1")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Equal("jake", (await RunAsync("relation", "a:1", "c:1", "--json")).Expect(ExitCode.Ok).Json.GetProperty("importer").GetProperty("name").GetString());
        var causes = (await RunAsync("causes", "b:1")).Expect(ExitCode.Ok);
        Assert.Contains("what it had heard", causes.Output + causes.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import chat.json", ExitCode.Usage, "Which format")]
    [InlineData("import --format shivis chat.json", ExitCode.Usage, "'shivis' is not a format")]
    [InlineData("import --format who-and-when", ExitCode.Usage, "")]
    [InlineData("import --format who-and-when nowhere.json", ExitCode.NotFound, "There is no file")]
    [InlineData("import --format who-and-when folder", ExitCode.Usage, "is a folder")]
    [InlineData("import --format who-and-when chat.json bad.json", ExitCode.Usage, "bad.json, history[0]: the message has neither 'name' nor 'role'")]
    [InlineData("import --format shiviz chat.json", ExitCode.Usage, "chat.json: no line fits the pattern")]
    [InlineData("import --format shiviz clock.log", ExitCode.Usage, "clock.log, line 2: it is a:3, but the file has no a:2")]
    [InlineData("import --format who-and-when chat.json --pattern x", ExitCode.Usage, "a who-and-when file is JSON")]
    [InlineData("import --format who-and-when chat.json --as nobody", ExitCode.NotFound, "nobody")]
    public async Task What_cannot_be_imported_is_refused_with_the_reason_and_changes_nothing(string line, object code, string reason)
    {
        await FoundAsync();
        Directory.CreateDirectory(Path.Combine(_cli.Folder, "folder"));
        Write("chat.json", HistoryTexts.ChatOf(("Boss", "Count.")));
        Write("bad.json", """{"history":[{"content":"a"}]}"""u8.ToArray());
        Write("clock.log", "a {\"a\":1} x\na {\"a\":3} y"u8.ToArray());
        Assert.Contains(reason, (await RunAsync(line.Split(' '))).Expect((ExitCode)code).Error, StringComparison.Ordinal);
        Assert.DoesNotContain(await EventsAsync(), one => one.StartsWith("HistoryImported", StringComparison.Ordinal) || one.StartsWith("AgentSpawned", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pattern_and_lines_to_leave_out_are_given_on_the_command_line()
    {
        await FoundAsync();
        Write("akka.log", Encoding.UTF8.GetBytes("""
            [INFO] [10/13/2014 04:23:20.113] [t] [akka://Broadcast/user/node0] {"node0" : 1} Starting
            noise
            [INFO] [10/13/2014 04:23:20.114] [t] [akka://Broadcast/user/node1] {"node0" : 1, "node1" : 1} Hearing
            """));
        Assert.Contains("a line fits no record: 2", (await RunAsync("import", "--format", "shiviz", "akka.log", "--pattern", HistoryTexts.AkkaPattern)).Expect(ExitCode.Usage).Error, StringComparison.Ordinal);
        var text = (await RunAsync("import", "--format", "shiviz", "akka.log", "--pattern", HistoryTexts.AkkaPattern, "--allow-unmatched")).Expect(ExitCode.Ok).Output;
        Assert.Contains("left out line 2", text, StringComparison.Ordinal);
        Assert.Contains("2 dates without zone or of another form are kept as text", text, StringComparison.Ordinal);
        Assert.Contains("UNKNOWN  node1:1  LineLogged", (await RunAsync("log", "node1")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Contains("node0:1 is before node1:1", (await RunAsync("relation", "node0:1", "node1:1")).Expect(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Progress_is_drawn_for_people_only_and_never_between_the_data(bool watched)
    {
        await FoundAsync();
        foreach (var i in Enumerable.Range(1, 3)) Write($"{i}.json", HistoryTexts.ChatOf(("Boss", $"{i}")));
        var (output, error) = (new StringWriter(), new StringWriter());
        var host = _cli.NewHost(new Terminal(output, error, colour: false, errorColour: false) { ShowsProgress = watched });
        var code = await new TavernCommandLine(host).RunAsync(
            ["import", "--format", "who-and-when", "1.json", "2.json", "3.json", "--json", "--data", "inn"], new Interruption());
        Assert.Equal(ExitCode.Ok, code);
        Assert.Equal(3, JsonElement.Parse(output.ToString()).GetProperty("histories").GetArrayLength());
        Assert.Equal(watched, error.ToString().Contains("[########················] 1 of 3  2.json", StringComparison.Ordinal));
        if (!watched) Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task Control_characters_and_odd_names_reach_no_terminal()
    {
        await FoundAsync();
        Write("odd.json", HistoryTexts.ChatOf(("\e[31mBoss\0", "\e]0;owned\a"), ("é\u202E", "x"), ("a b", "y")));
        foreach (var line in new[] { "import --format who-and-when odd.json", "log", "agents", "show 31mBoss", "show 31mBoss:1", "told 31mBoss:1", "who-knows 31mBoss:1", "show odd:1" })
        {
            var result = (await RunAsync(line.Split(' '))).Expect(ExitCode.Ok);
            Assert.DoesNotContain(result.Output + result.Error, c => (char.IsControl(c) && c != '\n') || c == '\u202E');
        }
    }

    public void Dispose() => _cli.Dispose();

    private async Task FoundAsync() => (await _cli.RunAsync("init", "inn", "--data", "inn")).Expect(ExitCode.Ok);

    private Task<CliResult> RunAsync(params string[] args) => _cli.RunAsync([.. args, "--data", "inn"]);

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_cli.Folder, name), content);

    /// <summary>Type and id of every event.</summary>
    private async Task<List<string>> EventsAsync() =>
        [.. (await RunAsync("export")).Expect(ExitCode.Ok).Lines.Select(view => $"{view.GetProperty("type").GetString()} {view.GetProperty("id").GetString()}")];
}
