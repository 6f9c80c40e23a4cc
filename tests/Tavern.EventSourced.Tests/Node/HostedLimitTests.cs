using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>A node that others could not understand any more, because it speaks for too many agents, is not begun.</summary>
public class HostedLimitTests
{
    [Theory]
    [InlineData("https://127.0.0.1:0", TooManyHostedException.HostedMax + 1, true)]
    [InlineData("https://127.0.0.1:0", TooManyHostedException.HostedMax, false)]
    [InlineData("http://127.0.0.1:0", TooManyHostedException.HostedMax + 1, false)]
    public async Task A_folder_with_more_agents_than_a_proof_holds_is_not_started_over_https(string listen, int hosted, bool isTooMany)
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var options = nodes.NewOptions("full") with { GossipListen = new Uri(listen), Transport = null };
        Directory.CreateDirectory(options.DataFolder);
        ImmutableArray<HostedName> agents = [.. Enumerable.Range(1, hosted).Select(number => new HostedName(new AgentId((ulong)number), $"agent{number}"))];
        new TavernFile(Hash.Of("tavern"u8), "The Tavern", [], agents).Write(options.DataFolder);
        if (!isTooMany)
        {
            await Assert.ThrowsAsync<KeyFolderException>(() => TavernNode.StartAsync(options, CancellationToken.None)); // the next thing it looks at
            return;
        }

        var refused = await Assert.ThrowsAsync<TooManyHostedException>(() => TavernNode.StartAsync(options, CancellationToken.None));
        Assert.Contains("would host 1025 agents; over https it can speak for 1024", refused.Message, StringComparison.Ordinal);
        Assert.Equal(413, Problems.Of(refused)!.Status);
    }

    [Fact]
    public async Task An_agent_too_many_is_not_spawned_and_nothing_is_written()
    {
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { GossipListen = new Uri("https://127.0.0.1:0"), ProvenHostedMax = 2 });
        var full = nodes.Nodes[0];
        await full.UntilAnnouncedAsync(nodes.Jake);
        await full.UntilAnnouncedAsync(await full.SpawnHereAsync(nodes.Jake, "gandalf", null, CancellationToken.None));
        await nodes.UntilConvergedAsync();
        var (length, before) = (await full.History.ReadAsync(reader => reader.LogLength(nodes.Jake), CancellationToken.None), File.ReadAllBytes(Path.Combine(full.Options.DataFolder, "tavern.json")));
        await Assert.ThrowsAsync<TooManyHostedException>(() => full.SpawnHereAsync(nodes.Jake, "frodo", null, CancellationToken.None).AsTask());
        Assert.Equal(length, await full.History.ReadAsync(reader => reader.LogLength(nodes.Jake), CancellationToken.None));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(full.Options.DataFolder, "tavern.json")));
    }
}
