using System.Text.Json;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Gossip;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Histories;

/// <summary>Histories that nobody made for us: what comes out is what the files say, read a second time by hand.</summary>
public class RealFilesTests
{
    private static readonly KeyedHashSigner Root = new(1);

    [SkippableFact]
    public void Every_chat_is_read_message_by_message_and_its_mistake_is_found()
    {
        var files = RecordedFiles.Require("who-and-when", "*.json");
        Assert.Equal(126, files.Count);
        foreach (var file in files)
        {
            var history = Read(HistoryFormat.WhoAndWhen, file);
            var json = JsonElement.Parse(File.ReadAllBytes(file));
            var messages = json.GetProperty("history").EnumerateArray().ToList();
            Assert.Equal(messages.Count, history.Events.Length);
            for (var i = 0; i < messages.Count; i++)
            {
                Assert.Equal(messages[i].GetProperty("name").GetString(), history.Speakers[history.Events[i].Id.Speaker]);
                Assert.Equal(messages[i].GetProperty("content").GetString(), history.Message(i).Text);
            }

            var step = int.Parse(json.GetProperty("mistake_step").GetString()!);
            Assert.Equal(history.Events[step].Id, history.Verdict!.Mistake);
            Assert.Equal(json.GetProperty("mistake_reason").GetString(), history.Verdict.MistakeReason);
        }
    }

    [SkippableTheory]
    [InlineData("chord.log", null, 1235, 0)]
    [InlineData("reliable-broadcast.log", HistoryTexts.AkkaPattern, 116, 1)]
    [InlineData("simple-reliable-broadcast.log", HistoryTexts.AkkaPattern, 39, 0)]
    public void Of_every_pair_of_a_log_the_events_stand_to_each_other_as_its_clocks_say(string name, string? pattern, int events, int unmatched)
    {
        var file = RecordedFiles.RequireOne("shiviz", name);
        var history = Read(HistoryFormat.ShiViz, file, pattern);
        Assert.Equal(events, history.Events.Length);
        Assert.Equal(unmatched, history.UnmatchedLines.Length);

        var clocks = ClocksByHand(File.ReadAllLines(file));
        Assert.Equal(events, clocks.Count);
        var (chains, index) = Import(history);
        var ids = clocks.Keys.ToDictionary(key => key, key => chains.IdOf(new RecordedId(history.Speakers.IndexOf(key.Host), key.Number)));
        foreach (var (a, _) in clocks)
            foreach (var (b, known) in clocks)
                Assert.True(
                    (a != b && known.GetValueOrDefault(a.Host) >= a.Number) == index.HappensBefore(ids[a], ids[b]), $"{a.Host}:{a.Number} and {b.Host}:{b.Number}");
    }

    [SkippableTheory]
    [InlineData("chord.log", null)]
    [InlineData("reliable-broadcast.log", HistoryTexts.AkkaPattern)]
    [InlineData("simple-reliable-broadcast.log", HistoryTexts.AkkaPattern)]
    public void Who_had_heard_each_event_of_a_log_and_since_when_is_what_its_clocks_say(string name, string? pattern)
    {
        var file = RecordedFiles.RequireOne("shiviz", name);
        var history = Read(HistoryFormat.ShiViz, file, pattern);
        var (chains, index) = Import(history);
        var clocks = ClocksByHand(File.ReadAllLines(file));
        foreach (var heard in clocks.Keys)
            RequireHeard(history, chains, index, heard, host => clocks
                .Where(one => one.Key.Host == host && one.Value.GetValueOrDefault(heard.Host) >= heard.Number).Select(one => (long?)one.Key.Number).Min());
    }

    [SkippableFact]
    public void Who_had_heard_each_message_of_a_chat_is_whoever_spoke_after_it()
    {
        foreach (var file in RecordedFiles.Require("who-and-when", "*.json"))
        {
            var history = Read(HistoryFormat.WhoAndWhen, file);
            var (chains, index) = Import(history);
            List<(string Host, long Number)> said = [.. history.Events.Select(one => (history.Speakers[one.Id.Speaker], one.Id.Sequence))];
            for (var i = 0; i < said.Count; i++)
                RequireHeard(history, chains, index, said[i], speaker => said[i..].Where(one => one.Host == speaker).Select(one => (long?)one.Number).Min());
        }
    }

    [SkippableFact]
    public void The_line_that_is_no_record_is_named() => Assert.Contains(
        "a line fits no record: 8.",
        HistoryTexts.Refusal(SourceOf(HistoryFormat.ShiViz, RecordedFiles.RequireOne("shiviz", "reliable-broadcast.log"), HistoryTexts.AkkaPattern) with { AllowUnmatched = false }).Message,
        StringComparison.Ordinal);

    /// <summary>Per event, the clock: the first braces of a line, and before them the host, alone or behind the last slash.</summary>
    private static Dictionary<(string Host, long Number), Dictionary<string, long>> ClocksByHand(string[] lines)
    {
        var clocks = new Dictionary<(string, long), Dictionary<string, long>>();
        foreach (var line in lines)
        {
            var (open, close) = (line.IndexOf('{', StringComparison.Ordinal), line.IndexOf('}', StringComparison.Ordinal));
            if (open < 0 || close < open) continue;
            var host = line[..open].TrimEnd(' ', ']').Split('/', ' ')[^1];
            var clock = JsonElement.Parse(line[open..(close + 1)]).EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt64());
            clocks.Add((host, clock[host]), clock);
        }

        return clocks;
    }

    /// <summary>Of each other agent, the first event that shows it has heard one, or none.</summary>
    private static void RequireHeard(RecordedHistory history, RecordedChains chains, CausalIndex index, (string Host, long Number) heard, Func<string, long?> firstOf)
    {
        var others = history.Speakers.Where(other => other != heard.Host).ToDictionary(other => AgentOf(other).Agent, other => (Chain: AgentOf(other), First: firstOf(other)));
        var hearing = RecordedHearing.Of(
            index, index.Heads, AgentOf(heard.Host)[heard.Number], history.Speakers.Select(speaker => AgentOf(speaker).Agent), history.Events.Length);
        var where = $"{history.File}, {heard.Host}:{heard.Number}";
        Assert.True(hearing.Complete, where);
        Assert.True(others.Values.Where(other => other.First is not null).Select(other => other.Chain[other.First!.Value]).ToHashSet().SetEquals(hearing.Since), where);
        Assert.True(others.Where(other => other.Value.First is null).Select(other => other.Key).Order().SequenceEqual(hearing.Unshown), where);

        ChainId AgentOf(string speaker) => chains.IdOf(new RecordedId(history.Speakers.IndexOf(speaker), 1)).Chain;
    }

    private static (RecordedChains Chains, CausalIndex Index) Import(RecordedHistory history)
    {
        var chains = new RecordedChains(
            history, new RecordedAgent("historian", new KeyedHashSigner(100)), [.. history.Speakers.Select((_, i) => new RecordedAgent($"speaker{i}", new KeyedHashSigner(101 + (ulong)i)))]);
        var engine = new LoneEngine(LoneEngine.Found(Root), Root, []);
        engine.Step(new EventSourced.Gossip.GossipInput.Append(1, [chains.Spawn]) { Histories = [chains] });
        var index = new CausalIndex();
        foreach (var segment in LoneEngine.Found(Root).Concat(engine.BeginCommit()!.Segments.Select(stored => stored.Segment)))
            foreach (var record in segment.Records) index.Append(record.Id, record.Header.Deps?.Heads ?? []);
        return (chains, index);
    }

    private static RecordedHistory Read(HistoryFormat format, string file, string? pattern = null) => SourceOf(format, file, pattern).Read();

    private static HistorySource SourceOf(HistoryFormat format, string file, string? pattern) =>
        new(format, Path.GetFileName(file), File.ReadAllBytes(file)) { Pattern = pattern, AllowUnmatched = true };
}
