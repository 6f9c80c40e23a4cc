using Tavern.EventSourced.Simulation.Scenarios;

namespace Tavern.EventSourced.Tests.Simulation;

public class RepeatabilityTests
{
    public static TheoryData<string, int> Scenarios => new() { { "rounds", 64 }, { "partition", 8 }, { "crash", 8 }, { "causality", 8 }, { "churn", 20 } };

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
    [InlineData("rounds", 64, 1, "ce75626ee13e1c48fcaf9c840c2b0b6f2227326dcf593e15f36ce28f710dd904")]
    [InlineData("partition", 8, 2, "5c7af76a079c160d10a1ff93d5f059fda9299168a7c628b04f211ea10b3b84cd")]
    [InlineData("crash", 8, 3, "77dee080a3ff6195ef5b8cbd6a3c58ee565a83a0691d00aced1309026d5053dc")]
    [InlineData("causality", 8, 4, "16cede8e455e05238e1e899bf4c1017d66f90314df57c424c6812e37680c8496")]
    public void A_run_is_the_same_on_every_machine(string name, int agents, ulong seed, string digest) =>
        Assert.Equal(digest, ScenarioCatalogue.Find(name)!.Run(seed, agents).Digest);
}
