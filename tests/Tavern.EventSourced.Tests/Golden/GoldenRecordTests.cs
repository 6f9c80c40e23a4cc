using System.Text;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>Records as version 1 writes them. If one of these fails, a tavern's history can no longer be read, or is read as something else.</summary>
public class GoldenRecordTests
{
    public static TheoryData<string> Names => [.. GoldenRecords.All.Keys];

    [Fact]
    public void Every_type_of_the_catalogue_has_one() => Assert.Subset(GoldenRecords.All.Keys.ToHashSet(), EventCatalogue.TypeNames.ToHashSet());

    [Theory, MemberData(nameof(Names))]
    public void What_is_made_now_is_the_same_to_the_byte(string name)
    {
        var now = GoldenRecords.Describe(GoldenRecords.All[name]).ToList();
        Assert.Equal(GoldenFile.Lines($"records/{name}", now), GoldenFile.Lines(now));
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_bytes_are_read_as_they_were(string name)
    {
        var lines = GoldenFile.Lines($"records/{name}", GoldenRecords.Describe(GoldenRecords.All[name]));
        var header = Convert.FromHexString(GoldenFile.Value(lines, "header"));
        var read = EventRecord.Parse(header, Encoding.UTF8.GetBytes(GoldenFile.Value(lines, "payload")));
        Assert.Equal(lines, GoldenFile.Lines(GoldenRecords.Describe(read)));
    }
}
