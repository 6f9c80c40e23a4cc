using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Checking;

/// <summary>A database that SQLite reads without complaint, and whose rows do not fit together.</summary>
public sealed class DamagedLogTests(RepairFixture fixture) : IClassFixture<RepairFixture>
{
    [Theory]
    [InlineData("delete from events where position = 5")]
    [InlineData("delete from events where position between 4 and 6")]
    [InlineData("update events set header = x'00' where position = 6")]
    [InlineData("update events set signature = null")]
    [InlineData("delete from events where position > 1")]
    public async Task A_node_does_not_start_on_it_and_says_who_can_help(string damage)
    {
        var options = fixture.Gandalf with { DataFolder = fixture.Damaged(damage), Transport = _ => new InProcessHub().Create("damaged") };
        foreach (var start in (Func<Task<TavernNode>>[])[() => TavernNode.StartAsync(options, CancellationToken.None), () => TavernNode.OpenReadOnlyAsync(options, CancellationToken.None)])
        {
            var refused = await Assert.ThrowsAnyAsync<InvalidOperationException>(start);
            Assert.True(refused is StoreRefusedException or StoreUnavailableException, refused.ToString());
            Assert.Contains("events.db", refused.Message, StringComparison.Ordinal);
            Assert.Contains("tavern fsck", refused.Message, StringComparison.Ordinal);
        }
    }
}
