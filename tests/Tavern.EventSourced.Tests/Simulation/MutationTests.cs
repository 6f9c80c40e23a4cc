using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Simulation.Scenarios;

namespace Tavern.EventSourced.Tests.Simulation;

/// <summary>The scenarios bite: with a part of the protocol switched off, the one that is there for it does not hold.</summary>
public class MutationTests
{
    [Fact]
    public void Without_the_reservation_rounds_counts_bodies_sent_twice()
    {
        var report = Run("rounds", 128, new EngineMutations { WithoutReservation = true });
        Assert.Contains(report.Violations, violation => violation.StartsWith("Its body was sent", StringComparison.Ordinal));
        Assert.InRange(report.PayloadCopiesPerEvent, 1.3 * 127, 3 * 127);
    }

    [Fact]
    public void Without_calls_to_silent_peers_partition_never_heals()
    {
        var report = Run("partition", 3, new EngineMutations { WithoutCallsToSilentPeers = true });
        Assert.Contains(report.Violations, violation => violation.StartsWith("After halves were healed it took 60", StringComparison.Ordinal));
    }

    [Fact]
    public void With_news_told_before_its_commit_crash_sees_what_could_be_lost()
    {
        var report = Run("crash", 8, new EngineMutations { AdvertisesBeforeCommit = true });
        Assert.Contains(report.Violations, violation => violation.Contains("which no commit of it holds", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_the_head_hash_forks_leaves_agents_with_one_line_each()
    {
        var report = Run("forks", 16, new EngineMutations { WithoutHeadHash = true });
        Assert.True(report.UnexplainedMissing > 0);
    }

    [Fact]
    public void Without_the_new_epoch_disk_sees_a_sequence_used_again()
    {
        var report = Run("disk", 3, new EngineMutations { WithoutNewEpoch = true });
        Assert.Contains(report.Violations, violation => violation.EndsWith("a sequence was used again.", StringComparison.Ordinal));
    }

    private static RunReport Run(string scenario, int agents, EngineMutations mutations)
    {
        ScenarioTests.AssertHeld(ScenarioCatalogue.Find(scenario)!.Run(1, agents));
        var report = ScenarioCatalogue.Find(scenario)!.Run(1, agents, mutations);
        Assert.False(report.Held, $"{scenario} held all the same");
        return report;
    }
}
