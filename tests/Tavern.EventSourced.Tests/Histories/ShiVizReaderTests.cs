using Tavern.EventSourced.Histories;
using static Tavern.EventSourced.Tests.Histories.HistoryTexts;

namespace Tavern.EventSourced.Tests.Histories;

public class ShiVizReaderTests
{
    [Theory]
    [InlineData("b {\"b\":1, \"a\":1}\nhears\na {\"a\":1}\nsays\n")]
    [InlineData("b {\"b\":1, \"a\":1} hears\na {\"a\":1} says\n")]
    [InlineData("\r\nb {\"b\":\"1\", \"a\":\"1\"}\r\nhears\r\n\r\na {\"a\":1,\"b\":0} says")]
    public void Records_of_one_line_and_of_two_are_read_and_causes_come_first(string log)
    {
        var history = ReadLog(log);
        Assert.Equal(["b", "a"], history.Speakers.AsEnumerable());
        Assert.Equal([new(1, 1), new(0, 1)], history.Events.Select(one => one.Id));
        Assert.Equal([[], [new(1, 1)]], history.Events.Select(one => one.Heads.ToArray()));
        Assert.Equal(["says", "hears"], [history.Line(0).Text, history.Line(1).Text]);
        Assert.All(history.Events, one => Assert.True(one.Time.IsUnknown && one.Causes.IsEmpty));
    }

    [Fact]
    public void A_pattern_gives_another_shape_and_dates()
    {
        var history = (Log("""
            [INFO] [10/13/2014 04:23:20.113] [thread-4] [akka://Broadcast/user/node0] {"node0" : 1} Starting
            [INFO] [never] [thread-4] [akka://Broadcast/user/node0] {"node0" : 2} Going {on}
            """) with { Pattern = AkkaPattern }).Read();
        Assert.Equal(["node0"], history.Speakers.AsEnumerable());
        Assert.True(history.Events[0].Time.IsUnknown); // nobody recorded in which zone
        Assert.Equal("10/13/2014 04:23:20.113", history.Line(0).Date);
        Assert.True(history.Events[1].Time.IsUnknown); // a date that nobody can read is no time, and stays what it says
        Assert.Equal("never", history.Line(1).Date);
        Assert.Equal(2, history.DatesAsText());
        Assert.Equal("Going {on}", history.Line(1).Text);
        Assert.Equal(2, history.Line(1).Number);
    }

    [Theory]
    [InlineData("04:23:20")]
    [InlineData("13 Oct 04:23:20")]
    [InlineData("October 13")]
    public void A_date_that_does_not_say_its_year_is_no_time(string date)
    {
        var line = $"[INFO] [{date}] [thread-4] [akka://Broadcast/user/node0] {{\"node0\" : 1}} Starting";
        var history = (Log(line) with { Pattern = AkkaPattern }).Read();
        Assert.True(history.Events[0].Time.IsUnknown, $"{history.Events[0].Time.Wall:O}"); // not of the day on which it is imported
        Assert.Equal(date, history.Line(0).Date);
    }

    [Fact]
    public void A_host_of_which_clocks_know_nothing_is_none()
    {
        Assert.Equal(["a"], ReadLog("a {\"a\":1, \"b\":0} x").Speakers.AsEnumerable());
        Assert.Contains("names 'b' twice", Refusal(Log("a {\"a\":1, \"b\":0, \"b\":0} x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_fit_no_record_are_named_and_refused_unless_that_is_allowed()
    {
        var log = Log("# header\na {\"a\":1} x\n\nnoise\na {\"a\":2} y\nmore noise") with { Pattern = """^(?<host>\S+) (?<clock>\{.*\}) (?<event>.*)$""" };
        Assert.Contains("3 lines fit no record: 1, 4, 6. Line 1 is \"# header\".", Refusal(log).Message, StringComparison.Ordinal);
        var history = (log with { AllowUnmatched = true }).Read();
        Assert.Equal([1, 4, 6], history.UnmatchedLines.AsEnumerable());
        Assert.Equal([2L, 5L], [history.Line(0).Number, history.Line(1).Number]);
    }

    [Fact]
    public void A_line_that_fits_nothing_is_shown_short_and_safe_with_what_to_do()
    {
        var line = "\u001b[31mnoise\u202e" + new string('x', 200);
        var log = Log($"a {{\"a\":1}} x\n{line}") with { Pattern = """^(?<host>\S+) (?<clock>\{.*\}) (?<event>.*)$""" };
        var message = Refusal(log).Message;
        Assert.Contains("a line fits no record: 2. Line 2 is \"?[31mnoise?xxx", message, StringComparison.Ordinal);
        Assert.Contains("--allow-unmatched", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, c => char.IsControl(c) || c == '\u202e');
        Assert.DoesNotContain(new string('x', 80), message, StringComparison.Ordinal);
        var none = Refusal(Log("12:00 a says hello {\"a\":1}")).Message;
        Assert.Contains("Line 1 is \"12:00 a says hello {\"a\":1}\"", none, StringComparison.Ordinal);
        Assert.Contains("for a clock inside the line", none, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pattern_that_a_refusal_offers_reads_a_clock_inside_the_line()
    {
        var message = Refusal(Log("12:00 a says hello {\"a\":1}")).Message;
        var offered = message[(message.IndexOf("e.g. '", StringComparison.Ordinal) + 6)..message.LastIndexOf('\'')];
        var history = (Log("12:00 a says hello {\"a\":1}") with { Pattern = offered }).Read();
        Assert.Equal(("a", "says hello", "12:00"), (history.Speakers[0], history.Line(0).Text, history.Line(0).Date));
    }

    [Fact]
    public void The_rest_of_a_line_that_a_pattern_takes_a_part_of_belongs_to_its_record() => Assert.Empty(
        (Log("prefix a {\"a\":1} text suffix\n") with { Pattern = @"(?<host>a) (?<clock>\{.*\}) (?<event>text)" }).Read().UnmatchedLines);

    [Theory]
    [InlineData("(", "not a regular expression")]
    [InlineData("(?<host>a) (?<event>b)", "no group clock")]
    [InlineData("x", "no group host and no group clock and no group event")]
    [InlineData("^(?<host>nobody) (?<clock>.*) (?<event>.*)$", "no line fits the pattern")]
    public void A_pattern_that_cannot_work_is_refused(string pattern, string expected) =>
        Assert.Contains(expected, Refusal(Log("a {\"a\":1} x") with { Pattern = pattern }).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_takes_for_ever_is_stopped() => Assert.Contains(
        "takes more than", Refusal(Log(new string('a', 40) + "!") with { Pattern = "^(?<host>(a+)+)(?<clock>b)(?<event>c)$" }).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("hello\nworld", "no line fits the pattern")]
    [InlineData("a {\"a\":0} x", "line 1: the clock does not name its own host 'a'")]
    [InlineData("a {\"b\":1} x\nb {\"b\":1} y", "line 1: the clock does not name its own host 'a'")]
    [InlineData("a {\"a\":5} x\na {\"a\":6} y", "line 1: it is a:5, but the file has no a:4")]
    [InlineData("a {\"a\":1} x\na {\"a\":3} y", "line 2: it is a:3, but the file has no a:2")]
    [InlineData("a {\"a\":1} x\na {\"a\":1} y", "line 2: it is a:1, which line 1 is already")]
    [InlineData("a {\"a\":1, \"c\":1} x", "line 1: its clock names the host 'c', of which the file has no event")]
    [InlineData("a {\"a\":1, \"b\":2} x\nb {\"b\":1} y", "line 1: its clock names b:2, which is not in the file")]
    [InlineData("a {\"a\":1, \"b\":1} x\na {\"a\":2} y\nb {\"b\":1} z", "line 2: it comes after a:1 (line 1), which knows b:1, but its own clock knows nothing of b")]
    [InlineData("a {\"a\":1} x\nb {\"b\":1,\"a\":1} y\nc {\"c\":1,\"b\":1} z", "line 3: it comes after b:1 (line 2), which knows a:1")]
    [InlineData("a {\"a\":1,\"b\":1} x\nb {\"b\":1,\"a\":1} y", "each would be before the other")]
    [InlineData("a {\"a\":1.5} x", "line 1: the clock's number for 'a' is 1.5")]
    [InlineData("a {\"a\":-1} x", "line 1: the clock's number for 'a' is -1")]
    [InlineData("a {\"a\":\"one\"} x", "line 1: the clock's number for 'a' is \"one\"")]
    [InlineData("a {\"a\":99999999999999999999} x", "line 1: the clock's number for 'a' is 99999999999999999999")]
    [InlineData("a {\"a\":1,\"a\":1} x", "line 1: the clock names 'a' twice")]
    [InlineData("a {a:1} x", "line 1: the clock is not JSON")]
    public void A_log_that_is_none_or_contradicts_itself_is_refused_with_the_line(string log, string expected) =>
        Assert.Contains(expected, Refusal(Log(log)).Message, StringComparison.Ordinal);

    [Fact]
    public void Hosts_are_kept_to_the_letter() =>
        Assert.Equal(["10.0.0.1:80/é", "A", "a"], ReadLog("10.0.0.1:80/é {\"10.0.0.1:80/é\":1} x\nA {\"A\":1} y\na {\"a\":1} z").Speakers.AsEnumerable());

    [Fact]
    public void An_event_that_hears_from_more_hosts_at_once_than_a_header_holds_is_refused()
    {
        var hosts = Enumerable.Range(0, HistoryLimits.HeadsMax + 1).ToList();
        var one = string.Join('\n', hosts.Select(i => $"h{i} {{\"h{i}\":1}} x"));
        Assert.Equal(HistoryLimits.HeadsMax, ReadLog($"{one}\n{Barrier(HistoryLimits.HeadsMax)}").Events[^1].Heads.Length);
        Assert.Contains("hears at once", Refusal(Log($"{one}\n{Barrier(HistoryLimits.HeadsMax + 1)}")).Message, StringComparison.Ordinal);

        string Barrier(int count) => $"all {{\"all\":1,{string.Join(',', hosts.Take(count).Select(i => $"\"h{i}\":1"))}}} y";
    }
}
