using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>A folder that version 1 left. If one of these fails, a tavern does not survive an update.</summary>
public sealed class GoldenTavernTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tavern-golden-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_is_sound_and_is_read_as_it_was_then_a_node_starts_on_it_and_writes_on()
    {
        var (data, keys, _) = await GoldenTavern.CopyAsync(_folder);
        RequireSound(data, keys);
        var options = new NodeOptions
        {
            DataFolder = data,
            KeysFolder = keys,
            Gossip = new GossipOptions { GuardAnswerTime = TimeSpan.FromMilliseconds(100) }, // nobody else is there
            Transport = _ => new InProcessHub().Create("jake"),
        };
        IReadOnlyList<string> lines;
        await using (var read = await TavernNode.OpenReadOnlyAsync(options, CancellationToken.None))
        {
            var now = await GoldenTavern.DescribeAsync(read);
            lines = GoldenFile.Lines("folder/expected", now);
            Assert.Equal(lines, GoldenFile.Lines(now));
            var replay = await new LocalDoor(read).SendAsync(new ReplayLog(), CancellationToken.None);
            Assert.True(replay.Verified, string.Join('\n', replay.Faults));
            Assert.Equal(GoldenFile.Value(lines, "view"), replay.ViewHash);
        }

        await using (var node = await TavernNode.StartAsync(options, CancellationToken.None))
        {
            await node.SayAsync(node.Hosted[0], "and on it goes");
            var later = GoldenFile.Lines(await GoldenTavern.DescribeAsync(node)).Where(IsLog).ToList();
            Assert.Equal(lines.Where(IsLog), later.Take(lines.Count(IsLog)));
            Assert.True(later.Count > lines.Count(IsLog));
        }

        RequireSound(data, keys);

        static bool IsLog(string line) => line.StartsWith("log: ", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_invitation_is_taken()
    {
        var (_, _, file) = await GoldenTavern.CopyAsync(_folder);
        var invitation = Invitation.Read(file);
        var (data, keys) = (Path.Combine(_folder, "legolas"), Path.Combine(_folder, "legolas-keys"));
        Assert.Equal(invitation.Agent, await TavernFounding.JoinAsync(data, keys, invitation, TimeProvider.System, CancellationToken.None));
        Assert.Equal("legolas", Assert.Single(TavernFile.Read(data).Hosted).Name);
        Assert.Equal(File.ReadAllBytes(file), invitation.ToJson());
    }

    private static void RequireSound(string data, string keys)
    {
        var findings = DataFolderCheck.Run(data, keys, Findings.DefaultMax, TimeProvider.System, _ => { }, CancellationToken.None);
        Assert.True(findings.Sound, string.Join('\n', findings.Findings));
    }
}
