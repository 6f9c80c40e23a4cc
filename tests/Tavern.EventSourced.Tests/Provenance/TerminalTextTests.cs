using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Tests.Provenance;

public class TerminalTextTests
{
    [Theory]
    [InlineData("plain text, as it is", "plain text, as it is")]
    [InlineData("\u001b[31mred\u001b[0m", "[31mred[0m")]
    [InlineData("two\r\nlines\tand a tab", "two lines and a tab")]
    [InlineData("bell\u0007 del\u007f c1\u009b31m", "bell del c131m")]
    [InlineData("left\u202eright\u2066\u200b\ufeff", "leftright")]
    [InlineData("line\u2028paragraph\u2029end", "line paragraph end")]
    [InlineData("whole \ud83c\udf7a \u00e9 \u4e2d", "whole \ud83c\udf7a \u00e9 \u4e2d")]
    [InlineData("tags \udb40\udc41\udb40\udc42 hide", "tags  hide")]
    [InlineData("z\u0301\u0302\u0303\u0304\u0305\u0306\u0307algo", "z\u0301\u0302\u0303\u0304algo")]
    [InlineData("next\u0085line", "next line")]
    [InlineData("private \ue000", "private ")]
    public void Only_what_is_seen_is_printed(string text, string expected) => Assert.Equal(expected, TerminalText.Plain(text));

    [Fact]
    public void Half_a_pair_is_replaced() // an attribute cannot hold one
    {
        Assert.Equal("broken \ufffd surrogate", TerminalText.Plain("broken \ud83d surrogate"));
        Assert.Equal("\ufffd\ufffd", TerminalText.Plain("\udc00\ud800"));
    }

    [Fact]
    public void Long_text_is_cut_and_says_so()
    {
        Assert.Equal("abcdefg...", TerminalText.Plain("abcdefghijk", 10));
        Assert.Equal("abcdefghij", TerminalText.Plain("abcdefghij", 10));
        Assert.Equal("abcdef...", TerminalText.Plain("abcdef\ud83c\udf7a\ud83c\udf7a\ud83c\udf7a", 10));
    }

    [Theory]
    [InlineData("{\"plain\": \"é 漢\"}", "{\"plain\": \"é 漢\"}")]
    [InlineData("{\"a\u202e\":\"\u007f\u009b\"}", "{\"a\\u202e\":\"\\u007f\\u009b\"}")]
    [InlineData("[\"\udb40\udc41\"]", "[\"\\udb40\\udc41\"]")]
    [InlineData("[1,\r\n\t2]", "[1, \n 2]")]
    public void Json_is_escaped_where_a_terminal_would_obey_it_and_means_the_same(string json, string expected)
    {
        Assert.Equal(expected, TerminalText.Json(json));
        Assert.True(System.Text.Json.JsonElement.DeepEquals(System.Text.Json.JsonElement.Parse(json), System.Text.Json.JsonElement.Parse(expected)));
    }

    [Fact]
    public void No_character_at_all_reaches_the_terminal_as_a_control()
    {
        for (var c = 0; c <= char.MaxValue; c++) Assert.DoesNotContain(TerminalText.Plain($"a{(char)c}b"), char.IsControl);
    }
}
