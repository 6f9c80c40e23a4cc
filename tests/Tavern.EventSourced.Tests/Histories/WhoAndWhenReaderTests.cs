using System.Text;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Histories;
using static Tavern.EventSourced.Tests.Histories.HistoryTexts;

namespace Tavern.EventSourced.Tests.Histories;

public class WhoAndWhenReaderTests
{
    [Fact]
    public void Each_message_is_an_event_of_its_speaker_whose_cause_is_the_message_before_it()
    {
        var history = ReadChat("""
            {"history":[
              {"name":"jake","content":"a"}, {"name":"gandalf","content":"b"}, {"name":"gandalf","content":"c"}, {"name":"jake","content":"d"}]}
            """);
        Assert.Equal(["jake", "gandalf"], history.Speakers.AsEnumerable());
        Assert.Equal([new(0, 1), new(1, 1), new(1, 2), new(0, 2)], history.Events.Select(one => one.Id));
        Assert.Equal([[], [new(0, 1)], [new(1, 1)], [new(1, 2)]], history.Events.Select(one => one.Causes.ToArray()));
        Assert.Equal([[], [new(0, 1)], [], [new(1, 2)]], history.Events.Select(one => one.Heads.ToArray())); // its own events need no naming
        Assert.All(history.Events, one => Assert.True(one.Time.IsUnknown));
    }

    [Fact]
    public void Where_there_is_no_name_the_role_says_who_speaks_and_to_whom()
    {
        var history = ReadChat("""
            {"history":[
              {"role":"human","content":"1"}, {"role":"Orchestrator (thought)","content":"2"}, {"role":"Orchestrator (-> WebSurfer)","content":"3"},
              {"role":"WebSurfer","content":"4"}, {"role":"Orchestrator (termination condition)","content":"5"}, {"role":"Orchestrator (-> Nobody)","content":"6"}]}
            """);
        Assert.Equal(["human", "Orchestrator", "WebSurfer"], history.Speakers.AsEnumerable());
        Assert.Equal([0, 1, 1, 2, 1, 1], history.Events.Select(one => one.Id.Speaker));
        Assert.Equal([null, null, 2, null, null, null], Enumerable.Range(0, 6).Select(i => history.Message(i).To));
        Assert.Equal("Orchestrator (-> WebSurfer)", history.Message(2).Role);
    }

    [Fact]
    public void Text_is_kept_to_the_letter_and_what_is_no_text_as_its_json()
    {
        var history = ReadChat("""
            {"history":[
              {"name":"a","content":" \u0000\u001b[31m\r\n\ud83c\udf7a\u202e "}, {"name":"a","content":""}, {"name":"a","content":null}, {"name":"a","content":["x", {"y": 1}]},
              {"name":"a","content":7}, {"name":"a","content":"\ud800"}, {"name":"a","content":"null"}]}
            """);
        Assert.Equal([" \0\u001b[31m\r\n🍺\u202e ", "", "null", """["x", {"y": 1}]""", "7", """
            "\ud800"
            """, "null"], Enumerable.Range(0, 7).Select(i => history.Message(i).Text));
        Assert.Equal([false, false, true, true, true, true, false], Enumerable.Range(0, 7).Select(i => history.Message(i).IsJson));
    }

    [Fact]
    public void Names_are_told_apart_to_the_letter() =>
        Assert.Equal(["Bob", "bob", "Bob "], ReadChat("""{"history":[{"name":"Bob","content":""},{"name":"bob","content":""},{"name":"Bob ","content":""}]}""").Speakers.AsEnumerable());

    [Fact]
    public void What_the_file_says_about_the_mistake_is_kept_with_the_event_it_names()
    {
        var verdict = ReadChat("""
            {"question":"Q","ground_truth":42,"mistake_agent":"b","mistake_step":"1","mistake_reason":"R",
             "history":[{"name":"a","content":""},{"name":"b","content":""}]}
            """).Verdict;
        Assert.Equal(new RecordedVerdict("Q", "42", "b", "1", "R", new RecordedId(1, 1)), verdict);
        Assert.Equal(new RecordedId(1, 1), ReadChat("""{"mistake_step":1,"history":[{"name":"a","content":""},{"name":"b","content":""}]}""").Verdict!.Mistake);
    }

    [Theory]
    [InlineData("\"b\"", "0", "the file names 'b', but its step 0 is by 'a'")]
    [InlineData("\"b\"", "99", "the file names step '99', but its steps are 0 to 1")]
    [InlineData("\"b\"", "\"abc\"", "the file names step 'abc', but its steps are 0 to 1")]
    [InlineData("\"zed\"", "0", "the file names 'zed', but nobody in it is called that")]
    [InlineData("\"zed\"", "-1", "the file names step '-1', but its steps are 0 to 1; the file names 'zed', but nobody in it is called that")]
    [InlineData("\"b\"", "null", "the file names 'b', but no step")]
    [InlineData("null", "1", null)]
    [InlineData("\"b\"", "1", null)]
    [InlineData("null", "null", null)]
    public void A_mistake_that_does_not_fit_the_messages_is_in_doubt_and_kept_as_it_is_said(string agent, string step, string? doubt)
    {
        var verdict = ReadChat($$"""{"mistake_agent":{{agent}},"mistake_step":{{step}},"history":[{"name":"a","content":""},{"name":"b","content":""}]}""").Verdict!;
        Assert.Equal(doubt, verdict.Doubt);
        Assert.Equal(agent == "null" ? null : agent.Trim('"'), verdict.MistakeAgent);
        Assert.Equal(step == "null" ? null : step.Trim('"'), verdict.MistakeStep);
    }

    [Theory]
    [InlineData("\"2\"")]
    [InlineData("-1")]
    [InlineData("\"the second\"")]
    [InlineData("null")]
    public void A_mistake_step_that_names_no_message_names_no_event(string step) =>
        Assert.Null(ReadChat($$"""{"mistake_step":{{step}},"history":[{"name":"a","content":""},{"name":"b","content":""}]}""").Verdict!.Mistake);

    [Fact]
    public void Byte_order_marks_and_utf16_are_read_and_line_ends_and_blank_lines_do_not_matter()
    {
        const string json = "\r\n\r\n{\"history\":\r\n[{\"name\":\"é\",\"content\":\"ü\"}]}\r\n\r\n";
        foreach (var encoding in new[] { new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            var history = new HistorySource(HistoryFormat.WhoAndWhen, "x.json", (byte[])[.. encoding.Preamble, .. encoding.GetBytes(json)]).Read();
            Assert.Equal(["é"], history.Speakers.AsEnumerable());
            Assert.Equal("ü", history.Message(0).Text);
        }
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData(" \r\n", "the file is empty")]
    [InlineData("7", "the top level is a number")]
    [InlineData("[]", "the list is empty")]
    [InlineData("[1]", "a list in which nothing has 'content'")]
    [InlineData("[{\"name\":\"a\",\"age\":3}]", "a list in which nothing has 'content'")]
    [InlineData("[{\"history\":[{\"name\":\"a\",\"content\":\"\"}]}]", "a list in which nothing has 'content'")]
    [InlineData("[{\"name\":\"a\",\"content\":\"\"},{\"content\":\"\"}]", "history[1]: the message has neither 'name' nor 'role'")]
    [InlineData("{}", "no list 'history'")]
    [InlineData("{\"history\":{}}", "no list 'history'")]
    [InlineData("{\"history\":[]}", "the list is empty")]
    [InlineData("{\"history\":[\"a\"]}", "history[0]: the message is a text")]
    [InlineData("{\"history\":[{\"name\":\"a\",\"content\":\"\"},{\"content\":\"\"}]}", "history[1]: the message has neither 'name' nor 'role'")]
    [InlineData("{\"history\":[{\"name\":\" \",\"role\":null,\"content\":\"\"}]}", "history[0]: the message has neither")]
    [InlineData("{\"history\":[{\"name\":7,\"content\":\"\"}]}", "history[0]: 'name' is a number")]
    [InlineData("{\"history\":[{\"name\":\"\\ud800\",\"content\":\"\"}]}", "history[0]: 'name' holds half a surrogate pair")]
    [InlineData("{\"history\":\n[{\"name\":\"a\",}]}", "line 2: the file is not JSON")]
    [InlineData("not json", "line 1: the file is not JSON")]
    public void A_file_of_another_shape_is_refused_with_the_place(string text, string expected) =>
        Assert.Contains(expected, Refusal(Chat(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_message_without_content_said_nothing() => Assert.Equal(
        ("", false), ReadChat("""{"history":[{"name":"a","tool_calls":[{"id":1}]}]}""").Message(0) is var said ? (said.Text, said.IsJson) : default);

    [Fact]
    public void A_bare_list_of_messages_is_the_history()
    {
        var history = ReadChat("""[{"role":"user","content":"Count."},{"role":"assistant","tool_calls":[]},{"role":"assistant","content":"Two."}]""");
        Assert.Equal(["user", "assistant"], history.Speakers.AsEnumerable());
        Assert.Equal(["Count.", "", "Two."], Enumerable.Range(0, 3).Select(i => history.Message(i).Text));
        Assert.Null(history.Verdict);
    }

    [Fact]
    public void Json_that_is_too_deep_is_called_so_and_advice_to_programmers_is_not_passed_on()
    {
        static string Nested(int lists) => $$"""{"history":[{"name":"a","content":{{new string('[', lists)}}{{new string(']', lists)}}}]}""";
        Assert.True(ReadChat(Nested(HistoryLimits.JsonDepthMax - 3)).Message(0).IsJson);
        var deep = Refusal(Chat(Nested(HistoryLimits.JsonDepthMax - 2))).Message;
        Assert.Contains("deeper than 64 levels", deep, StringComparison.Ordinal);
        Assert.DoesNotContain("not JSON", deep, StringComparison.Ordinal);
        Assert.DoesNotContain("options", Refusal(Chat("{\"history\":[1,]}")).Message, StringComparison.Ordinal);
        Assert.Contains("not JSON", Refusal(Chat("{," + Nested(100))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_the_line() => Assert.Contains(
        "line 2", Refusal(new HistorySource(HistoryFormat.WhoAndWhen, "x.json", (byte[])[(byte)'{', (byte)'\n', 0xC3, 0x28])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_message_that_just_fits_is_taken_and_one_byte_more_is_refused()
    {
        var room = EventLimits.PayloadBytesMax - """{"text":"","role":"r"}""".Length;
        Assert.Equal(room, ReadChat(Json(room)).Message(0).Text.Length);
        Assert.Contains("history[0]", Refusal(Chat(Json(room + 1))).Message, StringComparison.Ordinal);

        static string Json(int chars) => $$"""{"history":[{"name":"a","role":"r","content":"{{new string('x', chars)}}"}]}""";
    }

    [Fact]
    public void A_name_longer_than_a_name_is_refused() => Assert.Contains(
        "history[0]: the name has 1001 characters",
        Refusal(Chat($$"""{"history":[{"name":"{{new string('x', 1001)}}","content":""}]}""")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_file_over_the_limit_is_refused_before_it_is_read() => Assert.Contains(
        "the limit is", Refusal(new HistorySource(HistoryFormat.WhoAndWhen, "x.json", new byte[HistoryLimits.FileBytesMax + 1])).Message, StringComparison.Ordinal);
}
