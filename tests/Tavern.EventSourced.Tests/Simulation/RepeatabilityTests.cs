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
    [InlineData("partition", 8, 2, "b6a7c7bf5ad6a3d5e14c2071a4d86ae76388a2d2b6b07f886de738cd37b46d22")]
    [InlineData("crash", 8, 3, "06b34cdb89ad66a67c6b89a8fce0a2af652fa59f2b22003d144ee475c09ab9c8")]
    [InlineData("causality", 8, 4, "deefba907322c007e4b1c0be06774633daa2e4eef3f48d56e4977b668272ab70")]
    public void A_run_is_the_same_on_every_machine(string name, int agents, ulong seed, string digest) =>
        Assert.Equal(digest, ScenarioCatalogue.Find(name)!.Run(seed, agents).Digest);
}
