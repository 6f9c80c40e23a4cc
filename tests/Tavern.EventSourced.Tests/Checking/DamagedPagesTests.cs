using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Checking;

/// <summary>Pages that SQLite itself cannot read: every page of a small database, and every length it may have been cut to.</summary>
public sealed class DamagedPagesTests(RepairFixture fixture) : IClassFixture<RepairFixture>
{
    private const int PageBytes = 4096;

    [Fact]
    public async Task Whichever_page_is_scribbled_over_it_is_found_and_repaired_or_refused_for_the_sake_of_own_events() =>
        await EachAsync((file, page) =>
        {
            file.Position = (page - 1) * PageBytes;
            for (var i = 0; i < PageBytes; i++) file.WriteByte(0xA5);
        });

    [Fact]
    public async Task Wherever_the_file_is_cut_off_it_is_found_and_repaired_or_refused_for_the_sake_of_own_events() =>
        await EachAsync((file, page) => file.SetLength(((page - 1) * PageBytes) + (page % 2 * 100)));

    [Fact]
    public async Task A_file_that_says_nothing_any_more_is_left_as_it_is_and_the_refusal_says_why()
    {
        var folder = fixture.Damaged();
        var path = Path.Combine(folder, "events.db");
        await File.WriteAllBytesAsync(path, new byte[8 * PageBytes]);
        Assert.False(fixture.Check(folder).Sound);
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => fixture.RepairAsync(folder, $"{fixture.Nodes.Jake}@{fixture.Nodes.Nodes[0].GossipAddress}"));
        Assert.Contains("how many events gandalf had written", refused.Message, StringComparison.Ordinal);
        Assert.All(await File.ReadAllBytesAsync(path), value => Assert.Equal(0, value));
        Assert.DoesNotContain(Directory.EnumerateFiles(folder), file => file.Contains("damaged", StringComparison.Ordinal));
    }

    private async Task EachAsync(Action<FileStream, int> damage)
    {
        var pages = (int)(new FileInfo(Path.Combine(fixture.Gandalf.DataFolder, "events.db")).Length / PageBytes);
        var (repaired, refused) = (0, 0);
        for (var page = 1; page <= pages; page++)
        {
            var folder = fixture.Damaged();
            using (var file = File.Open(Path.Combine(folder, "events.db"), FileMode.Open)) damage(file, page);
            var before = Hash.Of(await File.ReadAllBytesAsync(Path.Combine(folder, "events.db")));
            Assert.False(fixture.Check(folder).Sound, $"page {page}");
            if (page % 3 == 0) await RequireHonestStartAsync(folder, page); // a start takes long
            Assert.Equal(before, Hash.Of(await File.ReadAllBytesAsync(Path.Combine(folder, "events.db"))));
            try
            {
                var answer = await fixture.RepairAsync(folder, $"{fixture.Nodes.Jake}@{fixture.Nodes.Nodes[0].GossipAddress}");
                Assert.True(answer.After.Sound, $"page {page}: {string.Join('\n', answer.After.Findings)}");
                Assert.Equal(
                    RepairFixture.Dump(Path.Combine(fixture.Gandalf.DataFolder, "events.db"), "events"), RepairFixture.Dump(Path.Combine(folder, "events.db"), "events"));
                Assert.Equal(before, Hash.Of(await File.ReadAllBytesAsync(answer.Kept!)));
                repaired++;
            }
            catch (StoreRefusedException e)
            {
                Assert.Contains("Nothing was changed", e.Message, StringComparison.Ordinal);
                Assert.Equal(before, Hash.Of(await File.ReadAllBytesAsync(Path.Combine(folder, "events.db"))));
                refused++;
            }
        }

        Assert.True(repaired > 0, $"{repaired} repaired, {refused} refused");
    }

    /// <summary>A node starts on what it can read whole, or says that the store is damaged; nothing else.</summary>
    private async Task RequireHonestStartAsync(string folder, int page)
    {
        var copy = Directory.CreateDirectory(folder + "-start").FullName;
        foreach (var file in Directory.EnumerateFiles(folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        try
        {
            await using var node = await TavernNode.StartAsync(fixture.Gandalf with { DataFolder = copy, Transport = _ => new InProcessHub().Create("x") }, CancellationToken.None);
        }
        catch (Exception e)
        {
            Assert.True(e is StoreRefusedException or StoreUnavailableException, $"page {page}: {e}");
            Assert.Contains("events.db", e.Message, StringComparison.Ordinal);
        }
    }
}
