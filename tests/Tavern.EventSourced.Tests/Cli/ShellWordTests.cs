using Tavern.EventSourced.Cli.Commands;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class ShellWordTests
{
    [Theory]
    [InlineData("/tmp/tavern-demo", "/tmp/tavern-demo")]
    [InlineData("gandalf:42~3", "gandalf:42~3")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("~jake", "'~jake'")]
    [InlineData("a;b", "'a;b'")]
    public void A_word_is_quoted_where_a_shell_would_touch_it(string text, string word) => Assert.Equal(word, ShellWord.Of(text));
}
