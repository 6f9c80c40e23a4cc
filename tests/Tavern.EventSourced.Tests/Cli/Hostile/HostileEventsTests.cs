using System.Text;
using System.Text.Json;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>Events whose writers put hostile text into every field an event has, byte by byte as no command of ours would write it, read
/// through a real node.</summary>
public sealed class HostileEventsTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes($$"""{{{HostileWords.RawJson}}:[{{HostileWords.RawJson}},{"text":{{HostileWords.RawJson}}}],"long":"{{new string('x', 100_000)}}"}""");

    private readonly CliSandbox _cli = new();
    private TestNodes _nodes = null!;
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _nodes = await TestNodes.StartAsync(1);
        _host = await ApiHost.StartAsync(_nodes.Nodes[0], null, CancellationToken.None);
        var random = new SplitMix64(7);
        var (name, role) = (new QuickSigner(random), new QuickSigner(random));
        string[] texts = ["title", "description", "note", "text", "reason", "evidence", "topic", "result"];
        var known = string.Join(",", texts.Select(field => $"\"{field}\":{HostileWords.RawJson.Replace("\\ud800 \\udc00", "", StringComparison.Ordinal)}"));
        await AppendAsync(
            new EventDraft(HostileWords.All[..100], 1, Payload) { TraceParent = HostileWords.All[..120], Causes = [new ChainId(_nodes.Jake, 1)[1]] },
            EventCatalogue.Draft(new AgentSpawned(AgentId.FromPublicKey(name.PublicKey.Span), HostileWords.AsWord, name.PublicKey.ToArray(), HostileWords.AsWord)),
            EventCatalogue.Draft(new AgentSpawned(AgentId.FromPublicKey(role.PublicKey.Span), "frodo", role.PublicKey.ToArray(), HostileWords.AsWord)),
            Known("TaskCreated"), Known("CommitmentMade"), Known("QuestionRaised"), Known("DiscoveryShared"), Known("MessageSent"),
            new EventDraft("StatusReported", 1, Encoding.UTF8.GetBytes($"{{\"state\":\"working\",{known}}}")),
            new EventDraft("EndpointAnnounced", 1, Encoding.UTF8.GetBytes($"{{\"addresses\":[{HostileWords.RawJson.Replace("\\ud800 \\udc00", "", StringComparison.Ordinal)}]}}")));

        EventDraft Known(string type) => new(type, 1, Encoding.UTF8.GetBytes($"{{{known}}}"));
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _nodes.DisposeAsync();
    }

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task No_text_command_lets_them_reach_the_terminal()
    {
        var names = await HostileNamesAsync();
        foreach (var line in (string[])["status", "agents", "log", "log -n 1000", "task list", "commitments", "questions", "state", "state jake", "show jake", "show frodo", "clock", "replay", "disagreements", "why jake jake --field note", "lag", .. names.SelectMany(name => (string[])[$"show {name}", $"causes {name}", $"told {name}", $"who-knows {name}", $"show {name} --payload"]), "effects jake:1"])
        {
            var result = (await RunAsync(null, line)).Expect(ExitCode.Ok);
            HostileWords.AssertHarmless(result.Output, false, line, json: line.EndsWith("--payload", StringComparison.Ordinal));
            HostileWords.AssertHarmless(result.Error, false, line);
        }
    }

    [Fact]
    public async Task Json_is_valid_and_escaped_and_has_the_bytes_beside_what_it_escaped()
    {
        foreach (var line in (string[])["log -o ndjson -n 1000", "export", "task list -o ndjson", "commitments --json", "questions --json", "state --json", "agents --json", "show jake --json"])
        {
            var result = (await RunAsync(null, line)).Expect(ExitCode.Ok);
            HostileWords.AssertHarmless(result.Output, false, line, json: true);
            if (line.Contains("--json", StringComparison.Ordinal)) Assert.Equal(JsonValueKind.Object, result.Json.ValueKind);
            else Assert.NotEmpty(result.Lines);
        }

        var exported = (await RunAsync(null, "export")).Lines;
        foreach (var line in exported)
        {
            var bytes = line.GetProperty("payloadBase64").ValueKind is JsonValueKind.String
                ? line.GetProperty("payloadBase64").GetBytesFromBase64()
                : Encoding.UTF8.GetBytes(line.GetProperty("payload").GetRawText());
            Assert.Equal(line.GetProperty("payloadHash").GetString(), Hash.Of(bytes).ToString());
        }

        var hostile = exported.Single(line => line.GetProperty("payloadBytes").GetInt32() == Payload.Length);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Payload).GetProperty("long"), hostile.GetProperty("payload").GetProperty("long")));
        Assert.Equal(Payload, hostile.GetProperty("payloadBase64").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_payload_alone_is_its_bytes_in_a_pipe_and_harmless_on_a_terminal()
    {
        var name = (await HostileNamesAsync())[0];
        var bytes = new MemoryStream();
        var piped = (await RunAsync(bytes, $"show {name} --payload")).Expect(ExitCode.Ok);
        Assert.Equal(Payload, bytes.ToArray());
        Assert.Empty(piped.Output);
        var seen = (await RunAsync(null, $"show {name} --payload")).Expect(ExitCode.Ok);
        HostileWords.AssertHarmless(seen.Output, false, "payload", json: true);
        Assert.True(seen.Output.Length > 100_000, "on a terminal too it is whole");
    }

    [Fact]
    public async Task A_search_finds_what_they_say_and_an_event_shows_on_one_screen()
    {
        var found = (await RunAsync(null, "log -q evil --json")).Expect(ExitCode.Ok).Json;
        Assert.True(found.GetProperty("entries").GetArrayLength() >= 9);
        var shown = (await RunAsync(null, $"show {(await HostileNamesAsync())[0]}")).Expect(ExitCode.Ok);
        Assert.InRange(shown.Output.TrimEnd().Split('\n').Length, 5, 24);
    }

    /// <summary>The events written here, by name.</summary>
    private async Task<List<string>> HostileNamesAsync() => [.. (await RunAsync(null, "log jake --after 0 -o ndjson")).Expect(ExitCode.Ok).Lines
        .Select(line => line.GetProperty("event")).SkipWhile(view => view.GetProperty("payloadBytes").GetInt32() != Payload.Length)
        .Select(view => view.GetProperty("name").GetString()!)];

    private async Task AppendAsync(params EventDraft[] drafts) =>
        await _nodes.Nodes[0].AppendAsync(_nodes.Jake, [.. drafts], AppendConditions.None, CancellationToken.None);

    private async Task<CliResult> RunAsync(Stream? bytes, string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var host = _cli.NewHost(new Terminal(output, error, false, false) { Bytes = bytes });
        var code = await new TavernCommandLine(host).RunAsync([.. line.Split(' '), "--data", _nodes.Nodes[0].Options.DataFolder], new Interruption());
        return new CliResult(code, output.ToString(), error.ToString());
    }
}
