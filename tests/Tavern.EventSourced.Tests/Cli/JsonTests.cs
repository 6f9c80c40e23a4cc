using System.Text.Json;
using Tavern.EventSourced.Cli;

namespace Tavern.EventSourced.Tests.Cli;

public sealed class JsonTests(CliFixture tavern) : IClassFixture<CliFixture>
{
    [Theory]
    [InlineData("status", "tavern tavernName running startedAt gossip diskBytes reading agreement asked news agents")]
    [InlineData("agents", "reading agents")]
    [InlineData("show gandalf", "reading row spawnedBy children addresses beliefs")]
    [InlineData("show jake:1", "observer event depth clock delivery heardBy effects builtOn signature knowers")]
    [InlineData("show jake:1 --local", "observer event depth clock delivery heardBy effects builtOn signature knowers")]
    [InlineData("show --forks", "reading forks")]
    [InlineData("causes jake:1", "observer event lines events complete")]
    [InlineData("effects jake:1 --depth 2 --no-text", "observer event lines events complete")]
    [InlineData("relation jake:1 gandalf:1", "a b relation steps knownToA knownToB importer")]
    [InlineData("log", "observer logLength entries complete next previous lookedFrom lookedTo")]
    [InlineData("log gandalf -q status --since jake:1 --type StatusReported,TaskStarted", "observer logLength entries complete next previous lookedFrom lookedTo")]
    [InlineData("clock", "reading logLength entries heldBack")]
    [InlineData("lag", "reading asked agents eventsBehindMax")]
    [InlineData("why jake gandalf", "verdict reason observer subject field observed own headline cause missing holders evidence asked commands")]
    [InlineData("told jake:1", "event type writtenAt heardBy hearers notHeard asked writer record recorded")]
    [InlineData("who-knows jake:1", "event atLeast of exact knows lacks unknown asked recorded")]
    [InlineData("disagreements", "reading disagreements asked")]
    [InlineData("state", "reading viewHash agent beliefs view")]
    [InlineData("state gandalf --as-of gandalf:1", "reading viewHash agent beliefs view")]
    [InlineData("replay", "reading events chains byType seconds viewHash liveViewHash verified faults")]
    [InlineData("task list", "reading tasks")]
    [InlineData("commitments", "reading commitments")]
    [InlineData("questions", "reading questions")]
    [InlineData("simulate --scenario rounds --agents 2", "scenario seed agents held converged events roundsMean roundsMax payloadCopiesPerEvent exchangesPerEvent bytesPerEvent idleBytesPerExchange unexplainedMissing missing figures violations trace digest")]
    [InlineData("wait --converged", "reading converged silent behind asked")]
    [InlineData("report working", "event type hash clock")]
    [InlineData("gossip resume", "agent paused pausedPeers nextRoundSeconds")]
    public async Task Json_is_one_object_with_its_version_first_and_stable_keys(string line, string keys)
    {
        var result = (await tavern.JakeAsync([.. line.Split(' '), "--json"])).Expect(ExitCode.Ok);
        Assert.Empty(result.Error);
        var names = result.Json.EnumerateObject().Select(property => property.Name).ToList();
        Assert.Equal("schema", names[0]);
        Assert.Equal(1, result.Json.GetProperty("schema").GetInt32());
        Assert.Subset(names.ToHashSet(), keys.Split(' ').ToHashSet());
    }

    [Theory]
    [InlineData("log")]
    [InlineData("agents")]
    [InlineData("clock")]
    [InlineData("status")]
    [InlineData("export")]
    [InlineData("who-knows jake:1")]
    public async Task Ndjson_is_one_object_per_line(string line)
    {
        var result = (await tavern.JakeAsync([.. line.Split(' '), "-o", "ndjson"])).Expect(ExitCode.Ok);
        Assert.True(result.Lines.Count > 1, result.Output);
        Assert.All(result.Lines, item => Assert.Equal(JsonValueKind.Object, item.ValueKind));
    }

    [Fact]
    public async Task Times_are_RFC_3339_in_UTC()
    {
        var result = (await tavern.JakeAsync("status", "--json")).Expect(ExitCode.Ok);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)$", result.Json.GetProperty("startedAt").GetString());
    }
}
