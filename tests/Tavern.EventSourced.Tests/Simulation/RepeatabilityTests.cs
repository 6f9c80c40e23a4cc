using Tavern.EventSourced.Simulation.Scenarios;

namespace Tavern.EventSourced.Tests.Simulation;

public class RepeatabilityTests
{
    public static TheoryData<string, int> Scenarios => new() { { "rounds", 64 }, { "partition", 8 }, { "crash", 8 }, { "causality", 8 }, { "disk", 4 }, { "churn", 20 } };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void One_seed_is_one_run_and_another_seed_another(string name, int agents)
    {
        var scenario = ScenarioCatalogue.Find(name)!;
        var (first, again, other) = (scenario.Run(7, agents), scenario.Run(7, agents), scenario.Run(8, agents));
        Assert.Equal(first.Digest, again.Digest);
        Assert.Equal((first.BytesPerEvent, first.ExchangesPerEvent, first.RoundsMean), (again.BytesPerEvent, again.ExchangesPerEvent, again.RoundsMean));
        Assert.Equal(first.Missing, again.Missing);
        Assert.NotEqual(first.Digest, other.Digest);
    }

    /// <summary>What these runs were on another day and another machine. A change of the protocol or of the format changes them, and then they
    /// are to be taken down anew; anything else that changes them makes runs depend on the machine.</summary>
    [Theory]
    [InlineData("rounds", 64, 1, "a898cc1e27135295d1a1a4db2ba562ea3e486077003e151972c014c92310bd63")]
    [InlineData("partition", 8, 2, "777ee2e0472994c53f40baf270c87071afd65df839bb10ebff0f3ebd207f643d")]
    [InlineData("crash", 8, 3, "fae8301807927728546d0491df4a1f7f49aa29cb8f5f239835100702f09a1087")]
    [InlineData("causality", 8, 4, "492694b8720f48924c4c4923a5005cee8a2e97eee62799688562f93336c487f0")]
    [InlineData("disk", 4, 5, "b32cd2fd6ffe832193798de5e87cd8558ca5dc872ab0d7175a6154ca4875fa24")]
    public void A_run_is_the_same_on_every_machine(string name, int agents, ulong seed, string digest) =>
        Assert.Equal(digest, ScenarioCatalogue.Find(name)!.Run(seed, agents).Digest);
}
