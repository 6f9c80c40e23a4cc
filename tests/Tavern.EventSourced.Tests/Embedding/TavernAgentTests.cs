using System.Text.Json;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Embedding;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Embedding;

public sealed class TavernAgentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tavern-agent-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_folder_without_a_tavern_is_refused_with_what_to_do_and_stays_as_it_is()
    {
        var refused = await Assert.ThrowsAsync<NodeFileException>(() => TavernAgent.OpenAsync(Data("nowhere"), Options("jake")));
        Assert.Contains("tavern init", refused.Message, StringComparison.Ordinal);
        Assert.Contains("tavern join", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data("nowhere")));
    }

    [Fact]
    public async Task It_founds_when_told_so_and_finds_its_log_again()
    {
        EventId said;
        await using (var jake = await FoundAsync())
        {
            Assert.Equal("jake", jake.Name);
            said = await jake.AppendAsync(new MessageSent("hello"));
        }

        await using var again = await FoundAsync();
        await again.WaitUntilVouchedAsync();
        Assert.Equal(said.Sequence + 1, (await again.AppendAsync(new MessageSent("again"))).Sequence);
        var agents = await again.AgentsAsync();
        Assert.Equal("jake", Assert.Single(agents).Agent.Name);
        Assert.Contains("jake", (await Assert.ThrowsAsync<NodeFileException>(() => TavernAgent.OpenAsync(Data("jake"), Options("jake") with { Name = "gandalf" }))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreRefusedException>(() => TavernAgent.OpenAsync(Data("jake"), Options("jake")));
    }

    /// <summary>So that a supervisor sees it live however long its log is: nothing was read when the port was found taken.</summary>
    [Fact]
    public async Task Its_api_opens_before_its_log_is_read()
    {
        await using var jake = await TavernAgent.FoundOrOpenAsync(Data("jake"), "test", "jake", Options("jake") with { Api = true });
        await using (await TavernAgent.FoundOrOpenAsync(Data("gandalf"), "test", "gandalf", Options("gandalf")))
        {
        }

        await File.WriteAllTextAsync(Path.Combine(Data("gandalf"), "events.db"), "no database");
        await Assert.ThrowsAsync<AddressTakenException>(() => TavernAgent.OpenAsync(Data("gandalf"), Options("gandalf") with { Api = true, ApiListen = jake.Api }));
        await Assert.ThrowsAsync<StoreRefusedException>(() => TavernAgent.OpenAsync(Data("gandalf"), Options("gandalf")));
    }

    [Fact]
    public async Task Own_records_go_out_and_come_in_with_their_types()
    {
        await using var jake = await FoundAsync();
        var seen = new List<Brew>();
        await using var cellar = await jake.SubscribeAsync(
            "cellar", cause =>
            {
                seen.Add(cause.Read<Brew>());
                cause.Emit("BrewTasted", new { cause.Read<Brew>().Name, Verdict = "good" });
            },
            new() { OwnEvents = true, Types = ["BrewMade"] });
        var brew = new Brew("Old Toby", 42);
        var made = await jake.AppendAsync("BrewMade", brew);
        await cellar.WaitUntilHandledAsync(made).WaitAsync(TestNodes.Deadline);
        Assert.Equal([brew], seen);
        var log = await jake.SendAsync(new ReadLog("jake", new EventFilter { Types = ["BrewTasted"] }));
        var tasted = Assert.Single(log.Entries).Event;
        Assert.Equal("""{"name":"Old Toby","verdict":"good"}""", tasted.Payload!.Value.GetRawText());
        Assert.Equal(made.ToString(), Assert.Single(tasted.Causes).Id);
        await Assert.ThrowsAsync<Tavern.EventSourced.Events.MalformedRecordException>(() => jake.AppendAsync("BrewMade", 7));
    }

    [Fact]
    public async Task Two_programs_meet_ask_why_and_converge()
    {
        await using var jake = await FoundAsync();
        var invited = await jake.SendAsync(new InviteAgent("jake", "gandalf"));
        await TavernFounding.JoinAsync(Data("gandalf"), Keys("gandalf"), Invitation.FromJson(JsonSerializer.SerializeToUtf8Bytes(invited.Invitation)), TimeProvider.System, default);
        await using var gandalf = await TavernAgent.OpenAsync(Data("gandalf"), Options("gandalf"));
        await gandalf.WaitUntilVouchedAsync().WaitAsync(TestNodes.Deadline);
        var task = await gandalf.AppendAsync(new TaskCreated("Open the gate"));
        await gandalf.AppendAsync(new StatusReported(AgentActivity.Working, "reading"));
        await jake.WaitForConvergenceAsync().WaitAsync(TestNodes.Deadline);
        Assert.Equal(task.ToString(), Assert.Single(await jake.TasksAsync()).Task.Id);

        var agreed = await jake.WhyAsync("jake", "gandalf");
        Assert.True(agreed.Agree, agreed.ToString());
        await jake.Node.PauseGossipAsync(jake.Id, [], default);
        await gandalf.Node.PauseGossipAsync(gandalf.Id, [], default);
        await gandalf.AppendAsync(new StatusReported(AgentActivity.Done, "mellon"));
        var differs = await gandalf.WhyAsync("jake", "gandalf");
        Assert.Equal("not-heard", differs.Answer.Verdict);
        Assert.StartsWith("Jake thinks Gandalf is WORKING. Gandalf says DONE", differs.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<DoorException>(() => jake.WhyAsync("jake", "nobody"));
    }

    [Fact]
    public async Task News_wakes_who_waits_for_it()
    {
        await using var jake = await FoundAsync();
        var length = await jake.WaitForNewsAsync(0);
        var news = jake.WaitForNewsAsync(length);
        await jake.AppendAsync(new MessageSent("news"));
        Assert.True(await news.WaitAsync(TestNodes.Deadline) > length);
    }

    [Fact]
    public async Task The_tavern_command_speaks_to_the_program_while_it_is_open()
    {
        await using (var jake = await TavernAgent.FoundOrOpenAsync(Data("jake"), "pony", "jake", Options("jake") with { Api = true }))
        {
            await using var door = new HttpDoor(jake.Api!, new TokenFolder(Data("jake")));
            Assert.True((await door.SendAsync(new GetStatus(), default)).Running);
            Assert.NotNull(NodeFile.Find(Data("jake")));
        }

        Assert.Null(NodeFile.Find(Data("jake")));
    }

    [Theory]
    [InlineData("/k", "/c", "/h", "/k")]
    [InlineData(null, "/c", "/h", "/c/tavern/keys")]
    [InlineData("", "relative", "/h", "/h/.config/tavern/keys")]
    [InlineData(null, null, "/h", "/h/.config/tavern/keys")]
    public void Keys_are_looked_for_where_the_command_keeps_them(string? keys, string? config, string home, string expected) =>
        Assert.Equal(expected, TavernAgentOptions.DefaultKeysFolder(name => name switch { "TAVERN_KEYS" => keys, "XDG_CONFIG_HOME" => config, _ => home }));

    private Task<TavernAgent> FoundAsync() => TavernAgent.FoundOrOpenAsync(Data("jake"), "pony", "jake", Options("jake"));

    private TavernAgentOptions Options(string name) => new()
    {
        KeysFolder = Keys(name),
        Api = false,
        Gossip = new() { RoundInterval = TimeSpan.FromMilliseconds(100), RoundIntervalMax = TimeSpan.FromMilliseconds(400) },
    };

    private string Data(string name) => Path.Combine(_folder.FullName, name);

    private string Keys(string name) => Path.Combine(_folder.FullName, "keys", name);

    private sealed record Brew(string Name, int Pints);
}
