using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Stores.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Checking;

public sealed class RepairTests(RepairFixture fixture) : IClassFixture<RepairFixture>
{
    private const string Jakes = "(select chain from chains c where exists (select 1 from events e where e.chain = c.chain and e.position = 1))";
    private const string Own = "(select max(chain) from runs where hop = 0 and holder = 1)";

    [Theory]
    [InlineData("update events set header = cast(x'00' || substr(header, 2) as blob) where position = 4")]
    [InlineData("update events set payload = x'7b7d' where position in (1, 5, 9)")]
    [InlineData("update events set hash = zeroblob(32) where position between 3 and 8")]
    [InlineData("update events set signature = zeroblob(64) where signature is not null")]
    [InlineData("update events set signature = null where position = (select max(position) from events where signature is not null and position < 12)")]
    [InlineData("update events set payload = x'00', header = x'00', hash = zeroblob(32)")]
    [InlineData("delete from events where position between 4 and 11")]
    [InlineData("delete from events where chain = " + Jakes + " and sequence > 4")]
    [InlineData("delete from events where chain = " + Own)]
    [InlineData("delete from events where position = (select max(position) from events)")]
    [InlineData("delete from segments")]
    [InlineData("update segments set position = position + 1, first = first + 1")]
    [InlineData("update chains set agent = zeroblob(16) where chain = 2")]
    [InlineData("delete from chains where chain = 1")]
    [InlineData("update holders set agent = zeroblob(16) where holder = 1")]
    [InlineData("update events set sequence = sequence + 100 where position = 6")]
    [InlineData("update runs set last = last + 4611686018427387904 where holder = 1 and position = (select max(position) from runs where holder = 1 and chain = " + Jakes + ")")]
    [InlineData("update events set position = 4611686018427387904 where position = (select max(position) from events)")]
    public async Task What_the_peer_has_comes_back_byte_for_byte_to_where_it_was(string damage)
    {
        var folder = fixture.Damaged(damage);
        Assert.False(fixture.Check(folder).Sound);
        var repaired = await fixture.RepairAsync(folder, fixture.Nodes.Jake.ToString());
        Assert.True(repaired.Changed && repaired.After.Sound, $"{repaired}\n{string.Join('\n', repaired.Notes.Concat(repaired.After.Findings.Select(finding => finding.ToString())))}");
        Assert.Equal(fixture.Original, RepairFixture.Dump(Path.Combine(folder, "events.db")));
        Assert.True(File.Exists(repaired.Kept));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_damaged_at_random_is_sound_again_and_every_event_is_what_it_was(ulong seed)
    {
        var random = new SplitMix64(seed);
        for (var round = 0; round < 12; round++)
        {
            List<string> damages = [.. Enumerable.Range(0, 1 + random.Below(3)).Select(_ => RandomDamage(random))];
            var folder = fixture.Damaged([.. damages]);
            var before = fixture.Check(folder);
            var repaired = await fixture.RepairAsync(folder, fixture.Nodes.Jake.ToString());
            var said = $"seed {seed}, round {round}\n{string.Join('\n', damages)}\n{string.Join('\n', repaired.Notes.Concat(repaired.After.Findings.Select(finding => finding.ToString())))}";
            Assert.True(repaired.After.Sound, said);
            Assert.True(before.Sound || repaired.Changed, said);
            Assert.True(
                RepairFixture.Dump(Path.Combine(fixture.Gandalf.DataFolder, "events.db"), "events") == RepairFixture.Dump(Path.Combine(folder, "events.db"), "events"), said);
        }
    }

    [Fact]
    public async Task A_lost_run_is_put_into_the_log_again_with_a_receipt_that_says_so()
    {
        var folder = fixture.Damaged("delete from runs where holder = 1 and position = (select min(position) from runs where holder = 1 and hop > 0 and position > 5)");
        var repaired = await fixture.RepairAsync(folder);
        Assert.True(repaired.After.Sound, string.Join('\n', repaired.After.Findings));
        Assert.True(repaired.Redelivered > 0);
        Assert.Contains("when and from whom they came first is lost", string.Join(' ', repaired.Notes), StringComparison.Ordinal);
        Assert.Contains("by a repair", RepairFixture.Dump(Path.Combine(folder, "events.db"), "receipts"), StringComparison.Ordinal);
        await using var node = await TavernNode.OpenReadOnlyAsync(fixture.Gandalf with { DataFolder = folder }, CancellationToken.None);
        await using var original = await TavernNode.OpenReadOnlyAsync(fixture.Gandalf, CancellationToken.None);
        Assert.Equal(await ClockAsync(original), await ClockAsync(node));

        Task<string> ClockAsync(TavernNode of) => of.History.ReadAsync(reader => reader.Clock(fixture.GandalfId).ToString(), CancellationToken.None).AsTask();
    }

    [Fact]
    public async Task Own_events_that_nobody_has_any_more_are_named_and_nothing_is_changed()
    {
        var folder = fixture.Damaged();
        var options = fixture.Alone(folder);
        await using (var node = await TavernNode.StartAsync(options with { Transport = _ => new InProcessHub().Create("alone") }, CancellationToken.None))
            await node.SayAsync(fixture.GandalfId, "nobody hears this");
        SoundStore.Run(Path.Combine(folder, "events.db"), "update events set payload = x'00' where cast(payload as text) like '%nobody hears this%'");
        var before = Bytes(folder);
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => fixture.RepairAsync(folder));
        Assert.Contains("Nothing was changed", refused.Message, StringComparison.Ordinal);
        Assert.Contains("gandalf@2:", refused.Message, StringComparison.Ordinal);
        Assert.Contains("acknowledged", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Bytes(folder));
    }

    [Fact]
    public async Task An_older_copy_of_the_folder_is_refused_because_its_numbers_are_used_up()
    {
        var last = "(select max(sequence) from events where chain = " + Own + ")";
        var folder = fixture.Damaged(
            "create temp table gone as select chain, sequence, position from events where chain = " + Own + " and sequence = " + last
            + "; delete from events where position >= (select position from gone); delete from segments where position >= (select position from gone);"
            + " delete from runs where chain = (select chain from gone) and last >= (select sequence from gone); update events set payload = x'00' where position = 2");
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => fixture.RepairAsync(folder));
        Assert.Contains("older copy", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_is_said_and_what_only_it_could_help_with_is_left()
    {
        var folder = fixture.Damaged("update events set payload = x'7b7d' where position = 1");
        var before = RepairFixture.Dump(Path.Combine(folder, "events.db"));
        var answer = await fixture.RepairAsync(folder, $"{fixture.Nodes.Jake}@http://127.0.0.1:1");
        Assert.False(answer.Changed || answer.After.Sound);
        Assert.Contains("did not help", string.Join(' ', answer.Notes), StringComparison.Ordinal);
        Assert.NotEmpty(answer.Lacking);
        Assert.Equal(before, RepairFixture.Dump(Path.Combine(folder, "events.db")));
    }

    [Fact]
    public async Task A_gossip_address_will_do_and_a_stranger_is_refused()
    {
        var address = fixture.Nodes.Nodes[0].GossipAddress!.AbsoluteUri;
        var folder = fixture.Damaged("update events set payload = x'7b7d' where position in (1, 2, 3)");
        Assert.True((await fixture.RepairAsync(folder, address)).After.Sound);
        var refused = await Assert.ThrowsAsync<NodeFileException>(() => fixture.RepairAsync(fixture.Damaged("delete from segments"), "sauron"));
        Assert.Contains("sauron", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_answers_at_an_address_is_found_among_all_whose_chains_are_held()
    {
        // Nobody's name is left, and tavern.json names nobody to call: jake is known by his chain alone, among others.
        var folder = fixture.Damaged("update events set payload = x'7b7d'");
        (TavernFile.Read(folder) with { Seeds = [] }).Write(folder);
        Assert.True((await fixture.RepairAsync(folder, fixture.Nodes.Nodes[0].GossipAddress!.AbsoluteUri)).After.Sound);
    }

    [Fact]
    public async Task When_the_names_are_damaged_it_says_who_can_be_called_where()
    {
        var folder = fixture.Damaged("update events set payload = x'7b7d' where position = 1");
        (TavernFile.Read(folder) with { Seeds = [] }).Write(folder);
        var refused = await Assert.ThrowsAsync<NodeFileException>(() => fixture.RepairAsync(folder));
        Assert.Contains($"{fixture.Nodes.Jake}@{fixture.Nodes.Nodes[0].GossipAddress}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RefusalReason.NotHosted, "hosts none of the agents that are known here")]
    [InlineData(RefusalReason.Busy, "refuses: Busy")]
    public async Task Where_nobody_was_asked_nothing_is_said_to_be_lost(RefusalReason reason, string because)
    {
        await using var stranger = new Http2Transport();
        await stranger.ListenAsync((call, _) => new(new GossipMessage.Refused(call.To == fixture.Nodes.Jake ? reason : RefusalReason.NotHosted, "not now")), CancellationToken.None);
        var folder = fixture.Damaged("update events set payload = x'00' where chain = " + Own);
        var file = TavernFile.Read(folder);
        (file with { Seeds = file.Seeds.Add(new SeedAddress(AgentId.Parse("00000000000000000000000000000001"), new Uri("http://127.0.0.1:1"))) }).Write(folder);
        foreach (var peer in (string[])[stranger.Address!.AbsoluteUri, $"{fixture.Nodes.Jake}@{stranger.Address}", $"{fixture.Nodes.Jake}@http://127.0.0.1:1"])
        {
            var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => fixture.RepairAsync(folder, peer));
            if (!peer.EndsWith(":1", StringComparison.Ordinal)) Assert.Contains(because, refused.Message, StringComparison.Ordinal);
            Assert.Contains("nobody was found to ask", refused.Message, StringComparison.Ordinal);
            Assert.Contains("tavern agents --json", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("cannot be recovered", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("move events.db", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task While_a_node_runs_on_the_folder_it_is_refused()
    {
        var jake = fixture.Nodes.Nodes[0].Options;
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => fixture.RepairAsync(jake.DataFolder, "gandalf"));
        Assert.Contains("is held by a tavern node", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repaired_node_starts_and_where_nobody_answers_goes_on_in_a_new_epoch()
    {
        var folder = fixture.Damaged("delete from events where position > 5", "update chains set agent = zeroblob(16) where chain = 1");
        Assert.True((await fixture.RepairAsync(folder)).After.Sound);
        var head = new EventId(fixture.GandalfId, 1, long.Parse(RepairFixture.Dump(Path.Combine(folder, "events.db"), "runs").Split('\n').Where(row => row.EndsWith("|0|0", StringComparison.Ordinal) && row.StartsWith("runs 1|", StringComparison.Ordinal)).Last().Split('|')[4], System.Globalization.CultureInfo.InvariantCulture));
        await using var node = await TavernNode.StartAsync(fixture.Alone(folder) with { Transport = _ => new InProcessHub().Create("again") }, CancellationToken.None);
        var said = await node.SayAsync(fixture.GandalfId, "I am back");
        Assert.Equal(2, said.Epoch); // nobody is there to say that the log is complete
        Assert.True(await node.History.ReadAsync(reader => reader.HasDelivered(fixture.GandalfId, head), CancellationToken.None));
    }

    private static string Bytes(string folder) => string.Join('\n', Directory.EnumerateFiles(folder, "events.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal) && new FileInfo(file).Length > 0).Order()
        .Select(file => $"{Path.GetFileName(file)} {Hash.Of(File.ReadAllBytes(file))}"));

    private static string RandomDamage(SplitMix64 random)
    {
        string[] damages =
        [
            "update events set payload = x'00' where position = {0}", "update events set header = x'00' where position = {0}", "update events set hash = zeroblob(32) where position = {0}",
            "update events set signature = x'00' where position = {0}", "update events set sequence = {1} where position = {0}", "update events set chain = {1} where position = {0}",
            "delete from events where position = {0}", "delete from segments where position = {0}", "update segments set first = first - 1 where position = {0}",
            "update runs set first = first + 1 where position = {0}", "update runs set last = last + 1 where position = {0}", "update runs set hop = 0 where position = {0}",
            "update runs set receipt = {1} where position = {0}", "delete from runs where position = {0}", "update runs set chain = {1} where position = {0}",
            "update runs set position = position + 1000 where position = {0}", "delete from receipts where number = {1}", "update receipts set mode = 9 where number = {1}",
            "update receipts set number = number + 100 where number = {1}", "update chains set epoch = 9 where chain = {1}", "update holders set holder = holder + 7 where holder = {1}",
        ];
        return string.Format(System.Globalization.CultureInfo.InvariantCulture, damages[random.Below(damages.Length)], 1 + random.Below(26), 1 + random.Below(3));
    }
}
