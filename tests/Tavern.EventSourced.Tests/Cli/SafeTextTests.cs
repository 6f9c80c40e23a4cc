using System.Globalization;
using System.Text;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Grüße, Έλρονδ, 漢字, 🧙", "Grüße, Έλρονδ, 漢字, 🧙")]
    [InlineData("\e[31mred\e[0m", "[31mred[0m")]
    [InlineData("\e]0;title\a", "]0;title")]
    [InlineData("two\nlines", "two lines")]
    [InlineData("two\r\nlines", "two lines")]
    [InlineData("a\tb", "a b")]
    [InlineData("over\bstrike\u007f", "overstrike")]
    [InlineData("c1 \u009b31m", "c1 31m")]
    [InlineData("abc\u202Ecba", "abccba")]
    [InlineData("zero\u200Bwidth", "zerowidth")]
    [InlineData("line\u2028end", "line end")]
    public void Control_characters_go_and_everything_else_stays(string text, string safe) => Assert.Equal(safe, SafeText.OneLine(text).Text);

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("\ufffd lone", SafeText.OneLine("\ud800 lone").Text);

    [Fact]
    public void Nothing_that_a_terminal_obeys_is_left_of_random_text()
    {
        const ulong seed = 20261123;
        var random = new SplitMix64(seed);
        for (var run = 0; run < 2000; run++)
        {
            var text = new string([.. Enumerable.Range(0, random.Below(40)).Select(_ => (char)random.Below(random.Below(4) == 0 ? 0x10000 : 0x100))]);
            var safe = SafeText.OneLine(text).Text;
            foreach (var rune in safe.EnumerateRunes())
                Assert.False(
                    Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator,
                    $"U+{rune.Value:X4} is left in run {run} of seed {seed}");
            Assert.Equal(safe, SafeText.OneLine(safe).Text);
        }
    }
}
