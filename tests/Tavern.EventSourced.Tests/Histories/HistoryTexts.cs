using System.Text;
using System.Text.Json;
using Tavern.EventSourced.Histories;

namespace Tavern.EventSourced.Tests.Histories;

/// <summary>Recorded histories made up by tests.</summary>
internal static class HistoryTexts
{
    public const string AkkaPattern = @"^\[INFO\] \[(?<date>.*?)\] \[.*?\] \[akka://Broadcast/user/(?<host>\S+?)\] (?<clock>\{.*?\}) (?<event>.*)$";

    public static HistorySource Chat(string json) => new(HistoryFormat.WhoAndWhen, "chat.json", Encoding.UTF8.GetBytes(json));

    /// <summary>A chat of (name, text).</summary>
    public static byte[] ChatOf(params (string Name, string Text)[] messages) => JsonSerializer.SerializeToUtf8Bytes(
        new { history = messages.Select(message => new { content = message.Text, role = "assistant", name = message.Name }) });

    public static HistorySource Log(string text) => new(HistoryFormat.ShiViz, "some.log", Encoding.UTF8.GetBytes(text));

    public static RecordedHistory ReadChat(string json) => Chat(json).Read();

    public static RecordedHistory ReadLog(string text) => Log(text).Read();

    /// <summary>The refusal, which must name the file.</summary>
    public static MalformedHistoryException Refusal(HistorySource source)
    {
        var refusal = Assert.Throws<MalformedHistoryException>(source.Read);
        Assert.StartsWith(source.File, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    /// <summary>The message of an event, which must be one.</summary>
    public static RecordedContent.Message Message(this RecordedHistory history, int index) => Assert.IsType<RecordedContent.Message>(history.Events[index].Content);

    /// <summary>The line of an event, which must be one.</summary>
    public static RecordedContent.Line Line(this RecordedHistory history, int index) => Assert.IsType<RecordedContent.Line>(history.Events[index].Content);
}
