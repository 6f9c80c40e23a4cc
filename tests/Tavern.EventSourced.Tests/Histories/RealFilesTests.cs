using System.Text.Json;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Histories;
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
