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
    [InlineData("rounds", 64, 1, "ab8c1e2f9802619a67bbb2d79463fa2e4f9362b670e0c4c2d93e1848f2268455")]
    [InlineData("partition", 8, 2, "4af993f351b1b6eec6fe2c3be8f8066ba6e0f36099daf5330cfcc8033a2cf5b4")]
    [InlineData("crash", 8, 3, "a68acd3d90d1c389d4bf5b7173d9a63c1b8d583f61721c6a86cad50a85db2bf5")]
    [InlineData("causality", 8, 4, "892e37aaf16df22c5f2e761b711170a03cf139dfe21ae34e1096998a21c4d36f")]
    [InlineData("disk", 4, 5, "53ef1f8f7209e22a224863b499a7fadb0e8e213d98d3f39894bc9c10edd470b9")]
    public void A_run_is_the_same_on_every_machine(string name, int agents, ulong seed, string digest) =>
        Assert.Equal(digest, ScenarioCatalogue.Find(name)!.Run(seed, agents).Digest);
}
