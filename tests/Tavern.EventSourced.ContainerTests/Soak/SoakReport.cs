using System.Globalization;
using System.Text.Json;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>What a soak came to, for people and as one line of JSON.</summary>
/// <param name="Plan">What was planned.</param>
/// <param name="Nodes">How many there were.</param>
/// <param name="Found">What their logs hold.</param>
/// <param name="Views">How many different views they had in the end.</param>
/// <param name="Kills">What was killed.</param>
/// <param name="Partitions">What was cut.</param>
/// <param name="Memory">What memory did.</param>
/// <param name="QuietFrom">From then on events count as written without faults.</param>
/// <param name="Converged">How long it took from the end of the load until all had the same.</param>
/// <param name="Refused">Appends that were refused for now and repeated.</param>
/// <param name="Said">What nodes wrote to their standard error, with their names.</param>
internal sealed record SoakReport(
    SoakPlan Plan, int Nodes, SoakFindings Found, int Views, IReadOnlyList<Kill> Kills, IReadOnlyList<Partition> Partitions, SoakMemory Memory,
    DateTimeOffset QuietFrom, TimeSpan Converged, int Refused, IReadOnlyList<string> Said)
{
    /// <summary>Beyond the first of each agent.</summary>
    public int EpochsBegun => Found.Epochs.Sum(epoch => epoch - 1);

    private IEnumerable<double> AllToAll => Found.ToAll.Select(event_ => event_.ToAll.TotalSeconds);

    private IEnumerable<double> QuietToAll => Found.ToAll.Where(event_ => event_.Acknowledged >= QuietFrom).Select(event_ => event_.ToAll.TotalSeconds);

    private IEnumerable<double> Ready => Kills.Select(kill => kill.Ready.TotalSeconds);

    public string Text() => string.Join(
        '\n',
        [
            Line($"soak, seed {Plan.Seed}: {Nodes} nodes, {Plan.Load.TotalSeconds:0} s of load by {Nodes * Clients.PerNode} clients, the last {SoakPlan.Quiet.TotalSeconds:0} s without faults"),
            Line($"  events        {Found.Acknowledged:N0} acknowledged, {Found.Delivered:N0} deliveries to others, {Found.Lost.Count} lost, {Found.Repeated} duplicated; {Refused} refused for now and repeated"),
            Line($"  logs          {Found.TwoHashes} places with two records, {Found.Unequal} events not in every log, {Found.Pathless} deliveries without a path of receipts, {Views} view{(Views == 1 ? "" : "s")}"),
            Line($"  to all nodes  p50 {Quantile(AllToAll, 0.5):0.000} s, p99 {Quantile(AllToAll, 0.99):0.000} s, most {Quantile(AllToAll, 1):0.000} s"),
            Line($"    no faults   p50 {Quantile(QuietToAll, 0.5):0.000} s, p99 {Quantile(QuietToAll, 0.99):0.000} s, most {Quantile(QuietToAll, 1):0.000} s, of {QuietToAll.Count():N0} events"),
            "                (from the client's answer to the last node's receipt, before that node's commit; one machine's wall clock)",
            Line($"  faults        {Kills.Count} kills, {Partitions.Count} partitions ({string.Join(", ", Partitions.CountBy(partition => partition.Kind).Select(kind => $"{kind.Value} {kind.Key}"))}, {Partitions.Sum(partition => partition.Length.TotalSeconds):0} s in all)"),
            Line($"  ready again   p50 {Quantile(Ready, 0.5):0.00} s, p99 {Quantile(Ready, 0.99):0.00} s after the start; all converged {Converged.TotalSeconds:0.0} s after the load"),
            Line($"  memory        the node that was never killed: {Memory.Start:0} MiB at the start, {Memory.Middle:0} in the middle, {Memory.End:0} at the end; {Memory.PerThousand:0.000} MiB per 1,000 events in the second half; all at the end {Memory.EndMin:0} to {Memory.EndMax:0}"),
            Line($"  epochs        {EpochsBegun} begun beside the first of each: {string.Join(' ', Found.Epochs)}"),
            .. Said.Select(line => $"  said          {line}"),
        ]);

    public string Json() => JsonSerializer.Serialize(new
    {
        soak = 1,
        seed = Plan.Seed,
        seconds = Plan.Load.TotalSeconds,
        nodes = Nodes,
        acknowledged = Found.Acknowledged,
        delivered = Found.Delivered,
        lost = Found.Lost.Count,
        duplicated = Found.Repeated,
        twoRecords = Found.TwoHashes,
        unequal = Found.Unequal,
        pathless = Found.Pathless,
        views = Views,
        refusedForNow = Refused,
        toAllP50 = Quantile(AllToAll, 0.5),
        toAllP99 = Quantile(AllToAll, 0.99),
        quietEvents = QuietToAll.Count(),
        quietToAllP50 = Quantile(QuietToAll, 0.5),
        quietToAllP99 = Quantile(QuietToAll, 0.99),
        kills = Kills.Count,
        partitions = Partitions.Count,
        partitionSeconds = Partitions.Sum(partition => partition.Length.TotalSeconds),
        readyP50 = Quantile(Ready, 0.5),
        readyP99 = Quantile(Ready, 0.99),
        convergedSeconds = Converged.TotalSeconds,
        memoryStart = Memory.Start,
        memoryMiddle = Memory.Middle,
        memoryEnd = Memory.End,
        memoryPerThousandEvents = Memory.PerThousand,
        epochsBegun = EpochsBegun,
    });

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double Quantile(IEnumerable<double> values, double part)
    {
        var ordered = values.Order().ToArray();
        return ordered.Length == 0 ? 0 : ordered[(int)Math.Ceiling((ordered.Length - 1) * part)];
    }
}
