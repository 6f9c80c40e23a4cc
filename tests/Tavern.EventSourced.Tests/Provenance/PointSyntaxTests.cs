using System.Diagnostics;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Tests.Provenance;

public class PointSyntaxTests
{
    private static readonly string[] Examples =
    [
        "gandalf:42", "gandalf@2:42", "gandalf", "gandalf@2", "gandalf:42~3", "gandalf:42^", "gandalf:42^2~1^", "jake:80,gandalf:41", "jake/gandalf", "jake:80/gandalf",
        "gandalf~3f2a", "gandalf~3f2a:42~3", "000102030405060708090a0b0c0d0e0f:7", "jake/gandalf~3f2a", "-5m", "-90s", "-2h", "-3d",
        "2026-11-22T09:14Z", "2026-11-22T09:14:05.25+01:00", "gandalf:40..gandalf:42", "jake...gandalf", "-5m..gandalf", "2026-11-22T09:14:05.5Z..-1s", "a-b_c:1,d:2...-1h",
    ];

    public static TheoryData<string, HistoryPoint> Meanings => new()
    {
        { "gandalf:42", Event("gandalf", 42) },
        { "gandalf@2:42", Event("gandalf", 42, 2) },
        { "gandalf", Event("gandalf", null) },
        { "gandalf@2", Event("gandalf", null, 2) },
        { "gandalf:42~3", Event("gandalf", 42, null, new PointStep(PointStepKind.Earlier, 3)) },
        { "gandalf:42^", Event("gandalf", 42, null, new PointStep(PointStepKind.Cause, 1)) },
        { "gandalf:42^2~1", Event("gandalf", 42, null, new PointStep(PointStepKind.Cause, 2), new PointStep(PointStepKind.Earlier, 1)) },
        { "gandalf/1:6", Event("gandalf", 6) with { Branch = 1 } },
        { "gandalf@2/3:6~1", Event("gandalf", 6, 2, new PointStep(PointStepKind.Earlier, 1)) with { Branch = 3 } },
        { "gandalf:6#3f2a91c0", Event("gandalf", 6) with { HashStart = "3f2a91c0" } },
        { "jake/1", new HistoryPoint.Seen(Event("jake", null), "1") },
        { "gandalf~3f2a:7", Event("gandalf~3f2a", 7) },
        { "jake:80,gandalf:41", new HistoryPoint.Cut([Event("jake", 80), Event("gandalf", 41)]) },
        { "jake/gandalf", new HistoryPoint.Seen(Event("jake", null), "gandalf") },
        { "jake:80/gandalf~3f2a", new HistoryPoint.Seen(Event("jake", 80), "gandalf~3f2a") },
        { "-5m", new HistoryPoint.Ago(TimeSpan.FromMinutes(5)) },
        { "-90s", new HistoryPoint.Ago(TimeSpan.FromSeconds(90)) },
        { "-2h", new HistoryPoint.Ago(TimeSpan.FromHours(2)) },
        { "2026-11-22T09:14Z", new HistoryPoint.At(new DateTimeOffset(2026, 11, 22, 9, 14, 0, TimeSpan.Zero)) },
        { "2026-11-22T09:14:05+01:00", new HistoryPoint.At(new DateTimeOffset(2026, 11, 22, 9, 14, 5, TimeSpan.FromHours(1))) },
        { "-5m..gandalf", new HistoryPoint.Range(new HistoryPoint.Ago(TimeSpan.FromMinutes(5)), Event("gandalf", null)) },
        { "jake...gandalf:41", new HistoryPoint.Apart(Event("jake", null), Event("gandalf", 41)) },
    };

    [Theory]
    [MemberData(nameof(Meanings))]
    public void A_text_means_one_point(string text, HistoryPoint expected) => Assert.Equal(expected, PointSyntax.Parse(text));

    [Theory]
    [InlineData("", 1, "an agent, an event or a time")]
    [InlineData("gandalf:", 9, "a sequence")]
    [InlineData("gandalf:0", 9, "a sequence")]
    [InlineData("gandalf:x", 9, "not 'x'")]
    [InlineData("gandalf:99999999999999999999", 9, "a sequence")]
    [InlineData("gandalf@:4", 9, "an epoch")]
    [InlineData("gandalf@0:4", 9, "an epoch")]
    [InlineData("gandalf~3", 9, "gandalf:42~3")]
    [InlineData("gandalf^", 8, "':' and a sequence")]
    [InlineData("gandalf:42~", 12, "how many events earlier")]
    [InlineData("gandalf:42!", 11, "not '!'")]
    [InlineData("gandalf:42,", 12, "an agent's name or id")]
    [InlineData("jake:80,gandalf:41/frodo", 19, "one observer")]
    [InlineData("jake/gandalf:4", 13, "the end")]
    [InlineData("jake/0:4", 6, "a branch")]
    [InlineData("jake:4#3f2", 8, "4 to 16 hexadecimal digits")]
    [InlineData("jake:4#00112233445566778", 8, "4 to 16 hexadecimal digits")]
    [InlineData("jake//gandalf", 6, "an agent's name or id")]
    [InlineData("gandalf..", 10, "an agent, an event or a time")]
    [InlineData("..gandalf", 1, "an agent, an event or a time")]
    [InlineData("gandalf....jake", 11, "an agent's name or id")]
    [InlineData("-m", 2, "a number")]
    [InlineData("-5", 3, "a unit")]
    [InlineData("-5x", 3, "a unit")]
    [InlineData("-5mm", 4, "the end")]
    [InlineData("-99999999h", 2, "a number")]
    [InlineData("2026-11-22T09:14", 1, "zone")]
    [InlineData("2026-13-22T09:14Z", 1, "a time")]
    [InlineData("jake,-5m", 6, "starts with '-'")]
    [InlineData("gan\u0007dalf", 4, "U+0007")]
    public void What_is_wrong_is_shown_at_its_column(string text, int column, string expected)
    {
        Assert.False(PointSyntax.TryParse(text, out _, out var error));
        Assert.Equal(column, error.Column);
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void Any_text_is_a_point_or_an_error_within_it()
    {
        const string Alphabet = "gandalf0123456789:@~^,/.-TZ+ $\u00e9\ud83d";
        for (var seed = 1UL; seed <= 20_000; seed++)
        {
            var random = new SplitMix64(seed);
            var text = string.Concat(Enumerable.Range(0, random.Below(14)).Select(_ => Alphabet[random.Below(Alphabet.Length)]));
            if (!PointSyntax.TryParse(text, out _, out var error)) Assert.True(error.Column >= 1 && error.Column <= text.Length + 1, $"seed {seed}: column {error.Column} of '{text}'");
        }
    }

    [Fact]
    public void No_character_of_the_grammar_means_anything_to_a_shell()
    {
        // What bash interprets anywhere in a word; '~' only where a word starts, '-' and '^' never.
        const string Interpreted = " \t\n!\"#$%&'()*;<=>?[\\]`{|}";
        for (var c = '\0'; c < 128; c++)
        {
            if (!Interpreted.Contains(c)) continue;
            foreach (var text in Examples)
                for (var i = 0; i <= text.Length; i++) Assert.False(PointSyntax.TryParse(text.Insert(i, c.ToString()), out _, out _), text.Insert(i, c.ToString()));
        }

        Assert.All(Examples, text => Assert.False(text.StartsWith('~') || text.Contains(":~") || text.Contains("=~")));
        Assert.All(Examples, text => Assert.True(PointSyntax.TryParse(text, out _, out _), text));
        Assert.False(PointSyntax.TryParse("~gandalf", out _, out _));
        Assert.False(PointSyntax.TryParse("gandalf:~3", out _, out _));
    }

    [SkippableFact]
    public void Bash_passes_every_example_on_as_it_stands()
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash on this machine");
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["--norc", "-c", "printf '%s\\n' " + string.Join(' ', Examples)]) { RedirectStandardOutput = true })!;
        var printed = bash.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bash.WaitForExit();
        Assert.Equal(Examples, printed);
    }

    private static HistoryPoint.Event Event(string agent, long? sequence, int? epoch = null, params PointStep[] steps) => new(agent, epoch, sequence, [.. steps]);
}
