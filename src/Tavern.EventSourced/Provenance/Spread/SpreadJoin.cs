using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Joins receipts into a tree: first each agent's own claim, then what does not fit between claims, then the order.</summary>
internal sealed class SpreadJoin
{
    private readonly EventId _event;
    private readonly DateTimeOffset? _written;
    private readonly SortedDictionary<AgentId, SpreadNode> _nodes = [];
    private readonly Heard _heard;

    public SpreadJoin(EventId id, IEnumerable<DeliveryReport> reports)
    {
        _event = id;
        var asked = reports.DistinctBy(report => report.Agent).OrderBy(report => report.Agent).ToList();
        _written = asked.OrderBy(report => report.Agent == id.Agent ? 0 : 1)
            .Select(report => (report.Answer as AskAnswer.Delivered)?.Written).FirstOrDefault(at => at is not null);
        foreach (var report in asked) _nodes.Add(report.Agent, NodeOf(report));
        foreach (var source in _nodes.Values.Select(node => node.From).Append(id.Agent).OfType<AgentId>().ToList())
            _nodes.TryAdd(source, Blank(source, SpreadState.Unasked));
        _heard = new Heard(
            id,
            [.. asked.Where(Has).Select(report => report.Agent)],
            [.. asked.Where(report => report.Answer is AskAnswer.NotDelivered).Select(report => report.Agent)],
            [.. asked.Where(report => report.Answer is not (AskAnswer.Delivered or AskAnswer.NotDelivered)).Select(report => report.Agent)]);
    }

    public SpreadTree Tree()
    {
        foreach (var node in _nodes.Values.ToList()) _nodes[node.Agent] = CheckedAgainstSource(node);
        var told = _nodes.Values.Where(IsEdge).ToLookup(node => node.From!.Value);
        var order = ImmutableArray.CreateBuilder<SpreadNode>(_nodes.Count);
        var placed = new HashSet<AgentId>();
        foreach (var root in _nodes.Values.Where(node => !IsEdge(node)).OrderBy(Rank).ThenBy(TimeOf).ThenBy(node => node.Agent)) Place(root, 0);

        // What is left hangs on a circle: nobody in it is reached from a root.
        while (_nodes.Values.FirstOrDefault(node => !placed.Contains(node.Agent)) is { } left) Place(CircleAt(left) with { Flaw = SpreadFlaw.Circle }, 0);
        return new SpreadTree(_event, _written, [.. order.OrderBy(node => IsWithout(node) ? 1 : 0)], _heard);

        void Place(SpreadNode root, int rootDepth)
        {
            var stack = new Stack<(SpreadNode Node, int Depth)>([(root, rootDepth)]);
            while (stack.TryPop(out var next))
            {
                if (!placed.Add(next.Node.Agent)) continue;
                order.Add(next.Node with { Depth = next.Depth });
                foreach (var child in told[next.Node.Agent].OrderBy(TimeOf).ThenBy(node => node.Agent).Reverse()) stack.Push((child, next.Depth + 1));
            }
        }
    }

    /// <summary>It says so; or it wrote the event and does not deny having it.</summary>
    private bool Has(DeliveryReport report) => report.Answer is AskAnswer.Delivered ||
        (report.Agent == _event.Agent && report.Answer is not AskAnswer.NotDelivered);

    private SpreadNode NodeOf(DeliveryReport report)
    {
        var isWriter = report.Agent == _event.Agent;
        return report.Answer switch
        {
            AskAnswer.Delivered { Receipt.Mode: DeliveryMode.Imported } told => Told(told, SpreadState.Imported) with { From = null, At = told.Receipt.At },
            AskAnswer.Delivered told when isWriter => Told(told, SpreadState.Wrote) with
            {
                From = null,
                Mode = DeliveryMode.Own,
                Hop = 0,
                Exchange = null,
                At = _written,
                Flaw = told.Run.Receipt == 0 ? null : SpreadFlaw.Recovered,
            },
            AskAnswer.Delivered { Receipt: null } told => Told(told, SpreadState.Delivered) with
            {
                Flaw = told.Run.Receipt == 0 ? SpreadFlaw.NotTheWriter : SpreadFlaw.NoReceipt,
            },
            AskAnswer.Delivered { Receipt.Mode: DeliveryMode.Repaired } told => Told(told, SpreadState.Delivered) with { From = null, At = null, Flaw = SpreadFlaw.NoReceipt },
            AskAnswer.Delivered { Receipt.Mode: DeliveryMode.Own } told => Told(told, SpreadState.Delivered) with { From = null, Flaw = SpreadFlaw.NotTheWriter },
            AskAnswer.Delivered told => Told(told, SpreadState.Delivered),
            AskAnswer.NotDelivered when isWriter => Blank(report.Agent, SpreadState.Wrote) with { At = _written, Hop = 0, Flaw = SpreadFlaw.Lost },
            AskAnswer.NotDelivered { Rejection: not null } => Blank(report.Agent, SpreadState.Refused),
            AskAnswer.NotDelivered { HeldBack: not null } => Blank(report.Agent, SpreadState.Waiting),
            AskAnswer.NotDelivered => Blank(report.Agent, SpreadState.Absent),
            _ => Blank(report.Agent, SpreadState.Silent),
        };
    }

    private static SpreadNode Told(AskAnswer.Delivered told, SpreadState state) => new(
        told.Run.Holder, state, told.Receipt?.Peer, told.Receipt?.Mode, told.Run.Hop, told.Receipt?.Exchange, told.Receipt?.At, null, 0, null);

    private static SpreadNode Blank(AgentId agent, SpreadState state) => new(agent, state, null, null, null, null, null, null, 0, null);

    private SpreadNode CheckedAgainstSource(SpreadNode node)
    {
        if (node.From is not { } from) return node;
        var source = _nodes[from];
        if (IsWithout(source)) return node with { Flaw = SpreadFlaw.SourceDenies };
        var (hop, at) = from == _event.Agent && source.State != SpreadState.Imported ? (0, _written) : (source.Hop, source.At);
        return node with
        {
            LatencyMilliseconds = node.At is { } heard && at is { } had ? (long)(heard - had).TotalMilliseconds : null,
            Flaw = hop is { } known && node.Hop != known + 1 ? SpreadFlaw.HopMismatch : null,
        };
    }

    /// <summary>Follows sources from an agent that no root reaches until one repeats: that one is on the circle.</summary>
    private SpreadNode CircleAt(SpreadNode node)
    {
        var seen = new HashSet<AgentId>();
        while (seen.Add(node.Agent)) node = _nodes[node.From!.Value];
        return node;
    }

    private int Rank(SpreadNode node) => node.Agent == _event.Agent ? 0 : IsWithout(node) ? 2 : 1;

    private static DateTimeOffset TimeOf(SpreadNode node) => node.At ?? DateTimeOffset.MaxValue;

    private static bool IsEdge(SpreadNode node) => node is { From: not null, Flaw: not SpreadFlaw.SourceDenies };

    private static bool IsWithout(SpreadNode node) => node.State is SpreadState.Absent or SpreadState.Waiting or SpreadState.Refused;
}
