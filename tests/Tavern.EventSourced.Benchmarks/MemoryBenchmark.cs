using System.Globalization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>Bytes per event that a node keeps alive for as long as it runs: part by part, for several numbers of agents that write segments of one
/// event or of ten; and of real nodes, while their caches fill and afterwards.</summary>
internal static class MemoryBenchmark
{
    private const int Segments = 20_000;
    private const int Nodes = 4;
    private const int Events = 20_000; // more than caches hold
    private const int WritersPerNode = 8;

    public static async Task RunAsync()
    {
        foreach (var agents in new[] { 1, 8, 64 })
            foreach (var records in new[] { 1, 10 })
                await MeasurePartsAsync(agents, records);
        await MeasureNodesAsync();
    }

    private static async Task MeasurePartsAsync(int agents, int records)
    {
        var index = await PerEventAsync(async () =>
        {
            var index = new SegmentIndex();
            await FeedAsync(segment => Done(index.Add(segment, verified: false)));
            return index;
        });
        var causality = await PerEventAsync(async () =>
        {
            var causality = new CausalIndex();
            await FeedAsync(segment => Done(Append(causality, segment)));
            return causality;
        });
        await using var store = new MemoryEventStore(); // stays empty: what is read was taken just before
        var history = await PerEventAsync(async () =>
        {
            var (history, holder, length) = (new NodeHistory(store, replayedBytesMax: 0), new AgentId(1), 0L);
            history.Post(holder);
            await FeedAsync(segment =>
            {
                history.Post(new StoreBatch { Segments = [new StoredSegment(segment, Verified: true)], Runs = [new Run(holder, length + 1, segment.Chain, segment.First, segment.Last, 1, 1)] });
                length += segment.Records.Length;
                return history.ReadAsync(_ => true, CancellationToken.None);
            });
            return history;
        });
        Print($"{agents,2} agents, {records,2} event{(records == 1 ? " " : "s")} a segment: {index + history,4:0} bytes per event (segments {index:0}, happens-before {causality:0}, log and folds {history - causality:0})");

        async Task<double> PerEventAsync(Func<Task<object>> build)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var built = await build();
            var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
            GC.KeepAlive(built);
            return (double)bytes / (Segments * records);
        }

        async Task FeedAsync(Func<Segment, ValueTask<bool>> take)
        {
            var feed = new SteadyFeed(seed: 1, agents, random => new QuickSigner(random));
            foreach (var segment in feed.Beginning) await take(segment);
            for (var i = 0; i < Segments; i++) await take(feed.Next(records));
        }
    }

    private static async Task MeasureNodesAsync()
    {
        await using var tavern = await BenchTavern.StartAsync();
        var nodes = new List<(TavernNode Node, AgentId Agent)>();
        for (var i = 0; i < Nodes; i++)
        {
            var options = tavern.OptionsOf($"worker{i}");
            var invitation = await tavern.Node.InviteAsync(tavern.Jake, $"worker{i}", null, CancellationToken.None);
            var agent = await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
            nodes.Add((await TavernNode.StartAsync(options, CancellationToken.None), agent));
            await UntilVouchedForAsync(nodes[^1].Node, agent);
        }

        var (written, before) = (0, GC.GetTotalMemory(forceFullCollection: true));
        foreach (var what in new[] { "while caches fill", "afterwards" })
        {
            var goal = written + Events;
            await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, WritersPerNode).Select(async _ =>
            {
                for (int number; (number = Interlocked.Increment(ref written)) <= goal;)
                    await node.Node.AppendAsync(node.Agent, [BenchTavern.Draft(number)], AppendConditions.None, CancellationToken.None);
            })));
            written = goal;
            foreach (var (node, agent) in nodes) await node.WaitForNewsAsync(agent, goal, CancellationToken.None);
            var after = GC.GetTotalMemory(forceFullCollection: true);
            Print($"{Nodes + 1} real nodes, {Events:N0} events {what}: {(double)(after - before) / (Nodes + 1) / Events:0} bytes per event and node");
            before = after;
        }

        foreach (var (node, _) in nodes) await node.DisposeAsync();
    }

    /// <summary>Before, an agent may not write.</summary>
    private static async Task UntilVouchedForAsync(TavernNode node, AgentId agent)
    {
        while (true)
        {
            var (heard, length) = await node.History.ReadAsync(reader => (reader.VoucherOf(agent, agent) is not null, reader.LogLength(agent)), CancellationToken.None);
            if (heard) return;
            await node.WaitForNewsAsync(agent, length, CancellationToken.None);
        }
    }

    private static ValueTask<bool> Done(object _) => ValueTask.FromResult(true);

    private static CausalIndex Append(CausalIndex index, Segment segment)
    {
        foreach (var record in segment.Records) index.Append(record.Id, record.Header.Deps?.Heads ?? []);
        return index;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
