using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Cli;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>One agent at work twice: its folders, keys too, were copied while its node was stopped, and both nodes run. What is promised whenever
/// they start: honest nodes come to have the same events and the same view, all that either copy was told is written among them; a number
/// that both used is exposed on each of them; and a copy that hears of the other writes no more, and says why. When nothing is heard of the
/// one before the other writes, both use the same numbers: that is a fork. Otherwise the later one sees at its start that its log is behind,
/// and begins a new epoch.</summary>
public sealed class TwoCopiesTests
{
    private const int EventsAtATime = 10;
    private const int Original = 3;

    private static readonly string[] Names = ["jake", "gandalf", "legolas", "saruman"];
    private static readonly int[] Honest = [0, 1, 2];

    [Fact]
    public async Task Copies_that_do_not_hear_of_each_other_fork_and_every_honest_node_exposes_them()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var tavern = await TavernOfProcesses.StartAsync(Names);
        var copy = await CopyAsync(tavern, deadline.Token);
        await SetGossipAsync(tavern, paused: true, deadline.Token);
        await Task.WhenAll(tavern.StartAsync(Original), tavern.StartAsync(copy));
        var written = await Task.WhenAll(((int[])[.. Honest, Original, copy]).Select(number => WriteAsync(tavern, number, deadline.Token)));
        Assert.All(written[^2..].SelectMany(events => events), one => Assert.Equal(1, EventId.Parse(one.Event.Id).Epoch));
        await SetGossipAsync(tavern, paused: false, deadline.Token);

        foreach (var number in Honest) await UntilAsync(async () => (await ForksAsync(tavern, number, deadline.Token)).Any(fork => fork.ExposedBy is not null), deadline.Token);
        foreach (var number in (int[])[Original, copy]) await UntilAsync(async () => (await ForksAsync(tavern, number, deadline.Token)).Count == 1, deadline.Token);
        foreach (var number in (int[])[Original, copy]) await AssertRefusedAsync(tavern, number, "two copies of it were at work", deadline.Token);
        var later = await Task.WhenAll(Honest.Select(number => WriteAsync(tavern, number, deadline.Token)));
        await AssertAgreeAsync(tavern, [.. written, .. later], deadline.Token);
        foreach (var number in Honest) await AssertShownAsync(tavern.Members[number].Data, tavern.Members[number].Keys);

        await tavern.StopAsync(copy);
        await tavern.StopAsync(Original);
        await tavern.StartAsync(Original);
        Assert.All(await WriteAsync(tavern, Original, deadline.Token), one => Assert.Equal(2, EventId.Parse(one.Event.Id).Epoch));
    }

    [Fact]
    public async Task Copies_that_start_at_once_leave_no_two_honest_nodes_with_different_views()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var tavern = await TavernOfProcesses.StartAsync(Names);
        var copy = await CopyAsync(tavern, deadline.Token);
        await Task.WhenAll(tavern.StartAsync(Original), tavern.StartAsync(copy));
        var written = await Task.WhenAll(((int[])[.. Honest, Original, copy]).Select(number => WriteAsync(tavern, number, deadline.Token)));
        var later = await Task.WhenAll(Honest.Select(number => WriteAsync(tavern, number, deadline.Token)));
        await AssertAgreeAsync(tavern, [.. written, .. later], deadline.Token);
    }

    [Fact]
    public async Task A_copy_that_starts_later_goes_on_in_a_new_epoch_and_the_original_writes_no_more()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var tavern = await TavernOfProcesses.StartAsync(Names);
        var copy = await CopyAsync(tavern, deadline.Token);
        await tavern.StartAsync(Original);
        var first = await WriteAsync(tavern, Original, deadline.Token);
        await UntilAsync(() => HaveAsync(tavern, first, deadline.Token), deadline.Token);
        await tavern.StartAsync(copy);
        var second = await WriteAsync(tavern, copy, deadline.Token);
        Assert.Equal(EventsAtATime, second.Count);
        Assert.All(second, one => Assert.Equal(2, EventId.Parse(one.Event.Id).Epoch));
        await UntilAsync(async () => (await ExportAsync(tavern, Original, deadline.Token)).ContainsKey(second[0].Hash), deadline.Token);
        await AssertRefusedAsync(tavern, Original, "has begun epoch 2 elsewhere", deadline.Token);
        await AssertAgreeAsync(tavern, [first, second], deadline.Token);
        foreach (var number in Honest) Assert.Empty(await ForksAsync(tavern, number, deadline.Token));
    }

    /// <summary>Everybody writes, everybody hears it; then saruman's node is stopped and copied. Returns the copy's number.</summary>
    private static async Task<int> CopyAsync(TavernOfProcesses tavern, CancellationToken cancellationToken)
    {
        for (var number = 0; number < Names.Length; number++) await WriteAsync(tavern, number, cancellationToken);
        await tavern.UntilConvergedAsync(cancellationToken);
        await tavern.StopAsync(Original);
        return tavern.Copy(Original);
    }

    /// <summary>Cuts saruman, every copy of him, off from the others; or no more. Questions at a start are answered all the same.</summary>
    private static async Task SetGossipAsync(TavernOfProcesses tavern, bool paused, CancellationToken cancellationToken)
    {
        foreach (var number in Honest) await tavern.SendAsync(number, new SetGossip(Names[number], paused, [Names[Original]]), cancellationToken);
    }

    /// <summary>Writes until it is refused. Returns what was written.</summary>
    private static async Task<List<WrittenAnswer>> WriteAsync(TavernOfProcesses tavern, int number, CancellationToken cancellationToken)
    {
        var written = new List<WrittenAnswer>();
        for (var i = 0; i < EventsAtATime; i++)
        {
            try
            {
                written.Add(await tavern.SendAsync(number, Note(tavern, number), cancellationToken));
            }
            catch (DoorException e) when (e.Problem.Type == ProblemTypes.CannotWrite && number >= Original)
            {
                Assert.Contains("two copies of it", e.Message, StringComparison.Ordinal);
                break;
            }
        }

        return written;
    }

    private static async Task AssertRefusedAsync(TavernOfProcesses tavern, int number, string reason, CancellationToken cancellationToken)
    {
        var refused = await Assert.ThrowsAsync<DoorException>(() => tavern.SendAsync(number, Note(tavern, number), cancellationToken));
        Assert.Equal(ProblemTypes.CannotWrite, refused.Problem.Type);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Leave one of them running", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Honest nodes come to have the same events, all that was written among them, and then have the same view. Of each place with two
    /// events they all know.</summary>
    private static async Task AssertAgreeAsync(TavernOfProcesses tavern, IReadOnlyList<IReadOnlyList<WrittenAnswer>> written, CancellationToken cancellationToken)
    {
        await UntilAsync(() => HaveAsync(tavern, written.SelectMany(events => events), cancellationToken), cancellationToken);
        var forked = (await ExportAsync(tavern, 0, cancellationToken)).Values.GroupBy(id => id.Main).Any(place => place.Count() > 1);
        var events = new List<Dictionary<string, EventId>>();
        var views = new List<string>();
        await UntilAsync(SettledAsync, cancellationToken);
        Assert.All(views, view => Assert.Equal(views[0], view));

        async Task<bool> SettledAsync()
        {
            (events, views) = ([], []);
            foreach (var number in Honest)
            {
                var (before, state) = (await ExportAsync(tavern, number, cancellationToken), await tavern.SendAsync(number, new GetState(Names[number]), cancellationToken));
                if (state.Reading.Events != before.Count) return false; // it has heard more meanwhile
                if (forked && !(await ForksAsync(tavern, number, cancellationToken)).Any(fork => fork.ExposedBy is not null)) return false;
                events.Add(before);
                views.Add(state.ViewHash);
            }

            return events.TrueForAll(held => held.Count == events[0].Count && held.Keys.All(events[0].ContainsKey));
        }
    }

    /// <summary>As the command tells it.</summary>
    private static async Task AssertShownAsync(string data, string keys)
    {
        using var shell = new Shell();
        var (code, output, error) = await shell.RunAsync($"tavern show --forks --json --data {data} --keys {keys}");
        Assert.True(code == 0, error);
        var fork = Assert.Single(JsonElement.Parse(output).GetProperty("forks").EnumerateArray());
        Assert.Equal(Names[Original], fork.GetProperty("agent").GetProperty("name").GetString());
        Assert.Equal(1, fork.GetProperty("epoch").GetInt32());
        Assert.Equal(nameof(ForkDetected), fork.GetProperty("exposedBy").GetProperty("type").GetString());
        Assert.Equal(2, fork.GetProperty("lines").GetArrayLength());
    }

    /// <summary>True when every honest node has all of these events.</summary>
    private static async Task<bool> HaveAsync(TavernOfProcesses tavern, IEnumerable<WrittenAnswer> written, CancellationToken cancellationToken)
    {
        foreach (var number in Honest)
        {
            var held = await ExportAsync(tavern, number, cancellationToken);
            if (!written.All(one => held.ContainsKey(one.Hash))) return false;
        }

        return true;
    }

    /// <summary>A node's events by hash.</summary>
    private static async Task<Dictionary<string, EventId>> ExportAsync(TavernOfProcesses tavern, int number, CancellationToken cancellationToken)
    {
        var held = new Dictionary<string, EventId>();
        await foreach (var view in (await tavern.SendAsync(number, new ExportLog(), cancellationToken)).Events.WithCancellation(cancellationToken)) held.Add(view.Hash, EventId.Parse(view.Id));
        return held;
    }

    private static async Task<IReadOnlyList<ForkRow>> ForksAsync(TavernOfProcesses tavern, int number, CancellationToken cancellationToken) =>
        (await tavern.SendAsync(number, new GetForks(), cancellationToken)).Forks;

    private static WriteEvent Note(TavernOfProcesses tavern, int number) =>
        new(tavern.Members[number].Name, nameof(DiscoveryShared), JsonSerializer.SerializeToElement(new { text = $"from node {number}" }));

    private static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await holds()) await timer.WaitForNextTickAsync(cancellationToken);
    }
}
