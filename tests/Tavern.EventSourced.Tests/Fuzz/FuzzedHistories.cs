using System.Text;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Tests.Histories;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>Readers of recorded histories.</summary>
internal static class FuzzedHistories
{
    private static readonly byte[] Log = Encoding.UTF8.GetBytes("a {\"a\":1} one\nb {\"b\":1, \"a\":1}\ntwo\nb {\"a\":1,\"b\":\"2\"} three\na {\"a\":2,\"b\":2} four\n");

    public static IEnumerable<FuzzTarget> Targets() =>
    [
        FuzzTarget.Of("LogClock.Parse", _ => "{\"a\":1, \"b\":\"2\"}"u8.ToArray(), bytes => ReadClock(FuzzInputs.Text(bytes)), typeof(FormatException)),
        FuzzTarget.Of("SpeakerRole.Parse", _ => "Orchestrator (-> WebSurfer)"u8.ToArray(), bytes => SpeakerRole.Parse(FuzzInputs.Text(bytes))),
        FuzzTarget.Of(
            "HistorySource.Read a chat",
            _ => HistoryTexts.ChatOf(("jake", "hello"), ("gandalf", "\u001b[31m"), ("jake", "")),
            bytes => Names(new HistorySource(HistoryFormat.WhoAndWhen, "chat.json", bytes).Read()),
            typeof(MalformedHistoryException)),
        FuzzTarget.Of("HistorySource.Read a log", _ => Log, bytes => Names(new HistorySource(HistoryFormat.ShiViz, "some.log", bytes).Read()), typeof(MalformedHistoryException)),
    ];

    private static void ReadClock(string text)
    {
        var hosts = new Dictionary<string, int>(StringComparer.Ordinal); // each name has its own number
        LogClock.Parse(text, name => hosts.TryGetValue(name, out var number) ? number : hosts[name] = hosts.Count);
    }

    private static void Names(RecordedHistory history) => SpeakerNames.Choose(history, prefixed: false, _ => false);
}
