using System.Diagnostics;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Demo;
using Tavern.EventSourced.ContainerTests.Processes;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Node.Requests;
using Xunit.Abstractions;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>Eight node processes under load, kills and real partitions at once; in the end the clients' journal is held against all eight logs.</summary>
[Collection(SoakCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    // What a node may grow by: its caches of bodies and segments, what the collector leaves until it runs, and for each event ten times what src/README says.
    private const double CachesMebibytes = 64 + 32;
    private const double CollectorMebibytes = 64;
    private const double PerEventMebibytes = 1.0 / 1024;

    private const int KillsMin = 3; // also on a machine that is very busy; an idle one sees ten times as many
    private const int PartitionsMin = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // for starting, and for converging when all is over

    private static readonly string[] Names = ["jake", "gandalf", "legolas", "frodo", "gimli", "sam", "merry", "pippin"];

    [SkippableFact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_under_kills_and_partitions_and_all_agree_afterwards()
    {
        var plan = SoakPlan.FromEnvironment();
        output.WriteLine($"seed {plan.Seed}");
        using var filter = PacketFilter.Make();
        using var complaints = new TemporaryFolder();
        using var deadline = new CancellationTokenSource(plan.Load + (2 * Patience));
        await using var tavern = await TavernOfProcesses.StartAsync(Names, (node, program) => PacketFilter.InGroup(node, Noted(program, Path.Combine(complaints.Path, Names[node]))));
        var (journal, faults) = (new Journal(), new Faults(tavern, filter, plan));
        var clients = new Clients(tavern, journal);

        var (memory, quietFrom) = await LoadAsync(tavern, clients, faults, journal, deadline, () => Said(complaints));
        var since = Stopwatch.GetTimestamp();
        await tavern.UntilConvergedAsync(deadline.Token);
        var converged = Stopwatch.GetElapsedTime(since);
        var views = new HashSet<string>();
        foreach (var member in tavern.Members) views.Add((await member.SendAsync(new GetState(member.Name), deadline.Token)).ViewHash);
        await tavern.StopAsync();

        using var verifier = new OnceVerifier();
        var logs = new List<NodeLog>();
        foreach (var member in tavern.Members) logs.Add(await NodeLog.ReadAsync(Database(member), verifier, $"seed {plan.Seed}, {member.Name}"));
        var found = SoakFindings.Of(logs, journal.ByKey);
        var report = new SoakReport(
            plan, Names.Length, found, views.Count, faults.Kills, faults.Partitions, SoakMemory.Of(memory, faults.Survivor), quietFrom, converged, clients.Repeated, Said(complaints));
        output.WriteLine(report.Text());
        output.WriteLine(report.Json());

        Verify(report);
        foreach (var member in tavern.Members)
        {
            await using var store = await NodeLog.OpenAsync(Database(member));
            await foreach (var holder in store.ReadHoldersAsync(CancellationToken.None))
                await LogCheck.VerifyAsync(store, holder, journal.ByKey.Values.Select(entry => entry.Id), $"seed {plan.Seed}, {member.Name}");
        }
    }

    /// <summary>Load and faults together, then load alone. Returns what memory was seen, and from when on it was quiet.</summary>
    private static async Task<(IReadOnlyList<MemorySample> Memory, DateTimeOffset QuietFrom)> LoadAsync(
        TavernOfProcesses tavern, Clients clients, Faults faults, Journal journal, CancellationTokenSource deadline, Func<IReadOnlyList<string>> said)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        var writing = clients.RunAsync(end.Token, deadline.Token);
        var watching = new MemoryWatch(tavern, journal).RunAsync(end.Token);
        try
        {
            await faults.RunAsync(deadline.Token);
        }
        catch (CliException e)
        {
            await deadline.CancelAsync(); // clients would wait for a node that never comes up
            throw new InvalidOperationException($"{e.Message} After {faults.Kills.Count} kills. What nodes said:\n{string.Join('\n', said())}", e);
        }

        var quietFrom = DateTimeOffset.UtcNow + SoakPlan.Settling;
        end.CancelAfter(SoakPlan.Quiet);
        await writing;
        return (await watching, quietFrom);
    }

    private static void Verify(SoakReport report)
    {
        var (seed, found, memory) = (report.Plan.Seed, report.Found, report.Memory);
        Assert.True(found.Lost.Count == 0, $"seed {seed}: lost {string.Join(", ", found.Lost.Take(10))}");
        Assert.True((found.Repeated, found.TwoHashes, found.Unequal, found.Pathless, report.Views) == (0, 0, 0, 0, 1), $"seed {seed}: {report.Text()}");
        Assert.True(report.Kills.Count >= KillsMin && report.Partitions.Count >= PartitionsMin, $"seed {seed}: only {report.Kills.Count} kills and {report.Partitions.Count} partitions");
        var room = CachesMebibytes + CollectorMebibytes + (PerEventMebibytes * found.Acknowledged);
        Assert.True(memory.End - memory.Start <= room, $"seed {seed}: a node grew from {memory.Start:0} to {memory.End:0} MiB, by more than {room:0}");

        // Folders are intact: a new epoch has one excuse, that nobody answered in time.
        var begun = report.Said.Where(line => line.Contains(" begins epoch ", StringComparison.Ordinal)).ToList();
        Assert.All(begun, line => Assert.Contains("known agents on other nodes answered within", line, StringComparison.Ordinal));
        Assert.True(begun.Count >= report.EpochsBegun, $"seed {seed}: {report.EpochsBegun} epochs were begun, and nodes gave reasons for {begun.Count}");
    }

    /// <summary>What nodes wrote to their standard error, over all their lives.</summary>
    private static IReadOnlyList<string> Said(TemporaryFolder complaints) =>
        [.. Directory.GetFiles(complaints.Path).Order(StringComparer.Ordinal).SelectMany(file => File.ReadLines(file).Select(line => $"{Path.GetFileName(file)}: {line}"))];

    /// <summary>The same program, whose standard error is kept across its lives.</summary>
    private static TavernExecutable Noted(TavernExecutable program, string file) => new("sh", ["-c", "exec \"$@\" 2>> \"$0\"", file, program.File, .. program.Before]);

    private static string Database(Member member) => Path.Combine(member.Data, "events.db");
}
