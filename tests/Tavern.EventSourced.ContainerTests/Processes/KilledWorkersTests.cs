using System.Text.Json;
using System.Threading.Channels;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Embedding;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.SampleWorker;
using Tavern.EventSourced.Stores.Sqlite;
using Xunit.Abstractions;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Workers on nodes of their own are killed again and again in the middle of their tasks.</summary>
public sealed class KilledWorkersTests(ITestOutputHelper output)
{
    private const int Kills = 18;

    private static readonly string[] Names = ["gandalf", "legolas", "frodo"];

    [Fact]
    public async Task Killed_workers_resume_their_tasks_and_take_every_step_once()
    {
        var seed = (ulong)Environment.TickCount64;
        output.WriteLine($"seed {seed}");
        var random = new SplitMix64(seed);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        using var folder = new TemporaryFolder();
        var lines = Channel.CreateUnbounded<string>();
        var acknowledged = new List<string>();
        await using (var jake = await TavernAgent.FoundOrOpenAsync(
            Data(folder, "jake"), "test", "jake", new TavernAgentOptions { KeysFolder = Keys(folder, "jake"), Api = false }, deadline.Token))
        {
            var ids = new List<AgentId>();
            foreach (var name in Names) ids.Add(await InviteAsync(jake, folder, name, deadline.Token));
            var workers = Names.Select(name => WorkerProcess.Start(Data(folder, name), Keys(folder, name), lines.Writer)).ToArray();
            for (var kill = 0; kill < Kills; kill++)
            {
                for (var tasks = 1 + random.Below(2); tasks > 0; tasks--) await AssignAsync(jake, ids[random.Below(ids.Count)], acknowledged, deadline.Token);
                await MomentAsync(jake, random, lines.Reader, acknowledged, deadline.Token);
                var victim = random.Below(workers.Length);
                await workers[victim].KillAsync();
                workers[victim] = WorkerProcess.Start(Data(folder, Names[victim]), Keys(folder, Names[victim]), lines.Writer);
            }

            await UntilAllDoneAsync(jake, deadline.Token);
            await jake.WaitForConvergenceAsync(deadline.Token);
            foreach (var worker in workers) await worker.DisposeAsync();
        }

        lines.Writer.Complete();
        await foreach (var line in lines.Reader.ReadAllAsync(deadline.Token)) Note(line, acknowledged);
        var tasksDone = 0;
        foreach (var name in (string[])["jake", .. Names]) tasksDone = await VerifyAsync(Path.Combine(Data(folder, name), "events.db"), acknowledged, seed);
        output.WriteLine($"{Kills} kills, {tasksDone} tasks of {TaskSteps.StepsMax} steps, {acknowledged.Count} acknowledged events");
        Assert.True(tasksDone >= Kills && acknowledged.Exists(line => line.Length > 0), $"seed {seed}: only {tasksDone} tasks");
    }

    private static async Task<AgentId> InviteAsync(TavernAgent jake, TemporaryFolder folder, string name, CancellationToken cancellationToken)
    {
        var invited = await jake.SendAsync(new InviteAgent("jake", name), cancellationToken);
        var invitation = Invitation.FromJson(JsonSerializer.SerializeToUtf8Bytes(invited.Invitation));
        return await TavernFounding.JoinAsync(Data(folder, name), Keys(folder, name), invitation, TimeProvider.System, cancellationToken);
    }

    private static async Task AssignAsync(TavernAgent jake, AgentId worker, List<string> acknowledged, CancellationToken cancellationToken)
    {
        var task = await jake.AppendAsync(new TaskCreated($"task {acknowledged.Count}"), cancellationToken: cancellationToken);
        var assigned = await jake.AppendAsync(new TaskAssigned(task, worker), cancellationToken: cancellationToken);
        acknowledged.AddRange([task.ToString(), assigned.ToString()]);
    }

    /// <summary>At once, when the log has grown by a few events, or when some worker has said something: there is work left, so each comes.</summary>
    private static async Task MomentAsync(
        TavernAgent jake, SplitMix64 random, ChannelReader<string> lines, List<string> acknowledged, CancellationToken cancellationToken)
    {
        switch (random.Below(5))
        {
            case 0:
                break;
            case 1:
                Note(await lines.ReadAsync(cancellationToken), acknowledged);
                break;
            default:
                var length = await jake.WaitForNewsAsync(0, cancellationToken);
                await jake.WaitForNewsAsync(length + random.Below(TaskSteps.StepsMax), cancellationToken);
                break;
        }
    }

    private static void Note(string line, List<string> acknowledged)
    {
        if (line.StartsWith("noted ", StringComparison.Ordinal)) acknowledged.Add(line["noted ".Length..]);
        else Assert.Equal("up", line);
    }

    /// <summary>Until jake has heard that every task is done and noted.</summary>
    private static async Task UntilAllDoneAsync(TavernAgent jake, CancellationToken cancellationToken)
    {
        var length = 0L;
        while (true)
        {
            length = await jake.WaitForNewsAsync(length, cancellationToken);
            var tasks = await jake.TasksAsync(cancellationToken);
            var notes = (await jake.SendAsync(new ReadLog("jake", new EventFilter { Types = [nameof(DiscoveryShared)] }, Limit: 1000), cancellationToken)).Entries.Count;
            if (tasks.All(task => task.State.Value == "completed") && notes >= tasks.Count) return;
        }
    }

    /// <summary>Reads a node's database as it lies there. Returns how many tasks it holds.</summary>
    private static async Task<int> VerifyAsync(string database, List<string> acknowledged, ulong seed)
    {
        await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = database, ReadOnly = true }, CancellationToken.None);
        await foreach (var holder in store.ReadHoldersAsync(CancellationToken.None)) await LogCheck.VerifyAsync(store, holder, acknowledged, $"seed {seed}, {database}");
        var records = new List<(EventRecord Record, TavernEvent Body)>();
        await foreach (var (segment, _) in store.ReadSegmentsAsync(CancellationToken.None))
            foreach (var record in segment.Records)
                if (EventCatalogue.TryRead(record, out var body)) records.Add((record, body));

        var created = records.Where(held => held.Body is TaskCreated).Select(held => held.Record.Id).ToList();
        var effects = records.Where(held => held.Record.Header.Causes is [_, ..]).ToLookup(held => held.Record.Header.Causes[0]);
        foreach (var task in created)
        {
            var (assigned, assignment) = records.Where(held => held.Body is TaskAssigned of && of.Task == task).Select(held => (held.Record.Id, (TaskAssigned)held.Body)).Single();
            var taken = records.Where(held => held.Record.Id.Agent == assignment.Agent && TaskOf(held.Body) == task).OrderBy(held => held.Record.Id.Sequence).Select(held => Describe(held.Body));
            Assert.True(Expected().SequenceEqual(taken), $"seed {seed}: {task} in {database}: {string.Join(", ", taken)}");
            Assert.Single(records, held => held.Body is DiscoveryShared(var text, _) && text.EndsWith($" finished {task}", StringComparison.Ordinal));

            // Each cause has exactly one effect, and the effects lead from the assignment to the end.
            var cause = assigned;
            foreach (var step in Expected())
            {
                var effect = Assert.Single(effects[cause]);
                Assert.Equal(step, Describe(effect.Body));
                cause = effect.Record.Id;
            }

            Assert.Empty(effects[cause]);
        }

        return created.Count;
    }

    private static IEnumerable<string> Expected() => ["started", .. Enumerable.Range(1, TaskSteps.StepsMax).Select(step => $"step {step}"), "completed"];

    private static EventId? TaskOf(TavernEvent body) => body switch
    {
        TaskStarted started => started.Task,
        TaskProgressed progressed => progressed.Task,
        TaskCompleted completed => completed.Task,
        _ => null,
    };

    private static string Describe(TavernEvent body) => body switch
    {
        TaskStarted => "started",
        TaskProgressed progressed => progressed.Note,
        TaskCompleted => "completed",
        _ => body.GetType().Name,
    };

    private static string Data(TemporaryFolder folder, string name) => Path.Combine(folder.Path, name);

    private static string Keys(TemporaryFolder folder, string name) => Path.Combine(folder.Path, "keys", name);
}
