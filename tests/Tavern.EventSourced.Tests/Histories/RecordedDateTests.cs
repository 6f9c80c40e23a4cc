using System.Globalization;
using static Tavern.EventSourced.Tests.Histories.HistoryTexts;

namespace Tavern.EventSourced.Tests.Histories;

public class RecordedDateTests
{
    [Theory]
    [InlineData("2014-10-13T04:23:20Z", "2014-10-13T04:23:20.000Z")]
    [InlineData("2014-10-13t04:23:20.1z", "2014-10-13T04:23:20.100Z")]
    [InlineData("2014-10-13 04:23:20.113+02:00", "2014-10-13T02:23:20.113Z")]
    [InlineData("2014-10-13 04:23:20,113 -0730", "2014-10-13T11:53:20.113Z")]
    [InlineData("2014-10-13T04:23:20+02", "2014-10-13T02:23:20.000Z")]
    [InlineData("2014-10-13T04:23:20.123456789Z", "2014-10-13T04:23:20.123Z")]
    [InlineData("2014-10-13T04:23Z", "2014-10-13T04:23:00.000Z")]
    [InlineData("2016-02-29T23:59:59Z", "2016-02-29T23:59:59.000Z")]
    public void A_full_date_and_time_with_a_zone_is_a_time(string date, string expected)
    {
        var history = Dated(date);
        Assert.Equal(expected, history.Events[0].Time.Wall.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        Assert.Equal(0, history.DatesAsText());
        Assert.Equal(date, history.Line(0).Date);
    }

    [Theory]
    [InlineData("Oct 13 04:23")]
    [InlineData("04:23")]
    [InlineData("04:23:20Z")]
    [InlineData("1.5")]
    [InlineData("2014")]
    [InlineData("2014-10")]
    [InlineData("2014-10-13")]
    [InlineData("2014-10-13Z")]
    [InlineData("03/04/2014")]
    [InlineData("10/13/2014 04:23:20.113")]
    [InlineData("2014-10-13T04:23:20")]
    [InlineData("2014-10-13T04:23:20 CET")]
    [InlineData("2014-02-30T04:23:20Z")]
    [InlineData("2014-10-13T25:23:20Z")]
    [InlineData("2014-10-13T04:23:20+25:00")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("1413174200")]
    [InlineData("Mon, 13 Oct 2014 04:23:20 GMT")]
    [InlineData("٢٠١٤-10-13T04:23:20Z")]
    public void Anything_else_is_no_time_is_kept_to_the_letter_and_is_counted(string date)
    {
        var history = Dated(date);
        Assert.True(history.Events[0].Time.IsUnknown);
        Assert.Equal(1, history.DatesAsText());
        Assert.Equal(date, history.Line(0).Date);
    }

    [Fact]
    public void A_log_without_dates_counts_none() => Assert.Equal(0, ReadLog("a {\"a\":1} x").DatesAsText());

    private static EventSourced.Histories.RecordedHistory Dated(string date) =>
        (Log($$"""[{{date}}] a {"a":1} x""") with { Pattern = @"^\[(?<date>.*)\] (?<host>\S+) (?<clock>\{.*\}) (?<event>.*)$" }).Read();
}
