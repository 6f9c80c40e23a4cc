using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>An invitation is for one newcomer, for a while. Real nodes.</summary>
public sealed class InvitationTimesTests
{
    [Fact]
    public async Task The_second_to_use_an_invitation_is_turned_away_and_writes_nothing()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "gimli", null, CancellationToken.None);
        await using var first = await JoinAsync(nodes.NewOptions("gimli"), invitation);
        await first.WaitUntilVouchedAsync(invitation.Agent, CancellationToken.None).WaitAsync(TestNodes.Deadline);
        var axe = (await first.AppendAsync(invitation.Agent, [EventCatalogue.Draft(new MessageSent("and my axe"))], AppendConditions.None, CancellationToken.None))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], nodes.Jake, axe);

        var turnedAway = new TaskCompletionSource<string>();
        await using var second = await JoinAsync(nodes.NewOptions("thief") with { TurnedAway = turnedAway.SetResult }, invitation);
        Assert.Contains("The invitation of gimli was used before", await turnedAway.Task.WaitAsync(TestNodes.Deadline), StringComparison.Ordinal);
        await nodes.AppendAsync(1, new MessageSent("is everybody well?"));
        await nodes.UntilConvergedAsync();
        var ofGimli = await nodes.Nodes[1].History.ReadAsync(
            reader => reader.Clock(nodes.AgentOf(1)).Entries.Where(entry => entry.Chain.Agent == invitation.Agent).Select(entry => entry.Chain).ToList(), CancellationToken.None);
        Assert.Equal([new ChainId(invitation.Agent, 1)], ofGimli);
    }

    [Fact]
    public async Task A_newcomer_that_was_stopped_before_it_wrote_anything_begins_again()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "gimli", null, CancellationToken.None);
        var options = nodes.NewOptions("gimli") with { TurnedAway = reason => Assert.Fail(reason) };
        await nodes.Nodes[0].PauseGossipAsync(nodes.Jake, [], CancellationToken.None); // it hears nothing, so it cannot write
        await (await JoinAsync(options, invitation)).StopAsync();
        await nodes.Nodes[0].ResumeGossipAsync(nodes.Jake, [], CancellationToken.None);
        await using var again = await TavernNode.StartAsync(options, CancellationToken.None);
        await again.WaitUntilVouchedAsync(invitation.Agent, CancellationToken.None).WaitAsync(TestNodes.Deadline);
        var written = await again.AppendAsync(invitation.Agent, [EventCatalogue.Draft(new MessageSent("here"))], AppendConditions.None, CancellationToken.None);
        Assert.Equal(1, written[0].Epoch);
    }

    [Fact]
    public async Task An_expired_invitation_is_refused_and_nothing_is_made()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "gimli", null, TimeSpan.FromDays(2), CancellationToken.None);
        var options = nodes.NewOptions("gimli");
        var refused = await Assert.ThrowsAsync<NodeFileException>(
            () => TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, new Ahead(TimeSpan.FromDays(3)), CancellationToken.None));
        Assert.Contains("expired", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(options.DataFolder));
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, new Ahead(TimeSpan.FromDays(1)), CancellationToken.None);
    }

    [Fact]
    public async Task Between_machines_nobody_is_let_in_whose_invitation_expired_before_the_first_event_and_all_others_are()
    {
        var ahead = new Ahead(TimeSpan.Zero);
        await using var nodes = await TestNodes.StartAsync(1, http: true, change: (_, options) => options with { GossipListen = new Uri("https://127.0.0.1:0"), Time = ahead });
        var (early, late) = (await InviteAsync("gimli"), await InviteAsync("legolas"));
        await using var gimli = await JoinAsync(nodes.NewOptions("gimli") with { GossipListen = new Uri("https://127.0.0.1:0") }, early);
        await gimli.WaitUntilVouchedAsync(early.Agent, CancellationToken.None).WaitAsync(TestNodes.Deadline);
        var axe = (await gimli.AppendAsync(early.Agent, [EventCatalogue.Draft(new MessageSent("in time"))], AppendConditions.None, CancellationToken.None))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], nodes.Jake, axe);
        await gimli.StopAsync();

        var told = new TaskCompletionSource<string>();
        await nodes.StopAsync(0);
        ahead.Offset = TimeSpan.FromDays(8);
        await nodes.StartAgainAsync(0, options => options with
        {
            GossipListen = nodes.Nodes[0].GossipAddress!,
            Tell = line =>
            {
                if (line.Contains("expired", StringComparison.Ordinal)) told.TrySetResult(line);
            },
        });
        await using var again = await TavernNode.StartAsync(gimli.Options, CancellationToken.None);
        await using var legolas = await JoinAsync(nodes.NewOptions("legolas") with { GossipListen = new Uri("https://127.0.0.1:0") }, late);
        Assert.Contains(late.Agent.ToString(), await told.Task.WaitAsync(TestNodes.Deadline), StringComparison.Ordinal);
        var second = (await again.AppendAsync(early.Agent, [EventCatalogue.Draft(new MessageSent("still here"))], AppendConditions.None, CancellationToken.None))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], nodes.Jake, second);
        Assert.False(await legolas.History.ReadAsync(reader => reader.HasDelivered(late.Agent, second), CancellationToken.None));

        async Task<Invitation> InviteAsync(string name) => await nodes.Nodes[0].InviteAsync(nodes.Jake, name, null, CancellationToken.None);
    }

    [Theory]
    [InlineData("\"2026-11-30T09:14:00Z\"", "2026-11-30T09:14:00Z")]
    [InlineData("null", null)]
    [InlineData("7", null)]
    [InlineData("\"soon\"", null)]
    [InlineData("\"2026-11-30T09:14:00\\u005a\"", null)]
    [InlineData("\"2026-13-30T09:14:00Z\"", null)]
    [InlineData("{\"at\":[1]}", null)]
    public void Whatever_stands_in_place_of_the_time_the_spawn_is_read_as_by_those_who_do_not_know_it(string written, string? expected)
    {
        using var key = EcdsaSigner.Create();
        using var child = EcdsaSigner.Create();
        var spawned = EventCatalogue.Draft(new AgentSpawned(child.Agent, "gimli", child.PublicKey.ToArray()));
        var json = System.Text.Encoding.UTF8.GetString(spawned.Payload.Span)[..^1] + $",\"invitedUntil\":{written}}}";
        var record = new ChainWriter(null, new ChainId(key.Agent, 1), key)
            .Write([spawned with { Payload = System.Text.Encoding.UTF8.GetBytes(json) }], 0, default, [], [default])[0].Records[0];
        Assert.True(EventCatalogue.TryRead(record, out var body));
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, null), Assert.IsType<AgentSpawned>(body).InvitedUntil);
    }

    private static async Task<TavernNode> JoinAsync(NodeOptions options, Invitation invitation)
    {
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        return await TavernNode.StartAsync(options, CancellationToken.None);
    }

    /// <summary>A clock that goes ahead of this machine's.</summary>
    private sealed class Ahead(TimeSpan offset) : TimeProvider
    {
        public TimeSpan Offset { get; set; } = offset;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
