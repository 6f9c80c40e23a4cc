using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Says how events reached an agent, from its runs and receipts in the store. Keeps the receipts of one answer.</summary>
internal sealed class Deliveries(IEventStore store, AgentId holder, Func<AgentId, AgentRef> nameOf)
{
    private readonly Dictionary<long, Receipt?> _receipts = [];

    /// <summary>How an event reached the holder; null when it did not.</summary>
    public async ValueTask<Delivery?> FindAsync(EventId id, CancellationToken cancellationToken) =>
        await store.FindRunAsync(holder, id, cancellationToken) is { } run
            ? await OfAsync(run, run.Position + (id.Sequence - run.First), cancellationToken)
            : null;

    /// <summary>How a run reached the holder, for its event at a position.</summary>
    public async ValueTask<Delivery> OfAsync(Run run, long position, CancellationToken cancellationToken)
    {
        if (run.Receipt == 0) return new Delivery(position, "own", null, null, run.Hop);
        if (!_receipts.TryGetValue(run.Receipt, out var receipt))
            _receipts.Add(run.Receipt, receipt = await store.FindReceiptAsync(holder, run.Receipt, cancellationToken));
        return receipt is null
            ? new Delivery(position, "unknown", null, null, run.Hop) // pruned
            : new Delivery(position, receipt.Mode.ToString().ToLowerInvariant(), nameOf(receipt.Peer), receipt.At, run.Hop);
    }

    /// <summary>The belief with how its deciding event reached the holder.</summary>
    public async ValueTask<Belief?> AddToAsync(Belief? belief, CancellationToken cancellationToken) => belief is null
        ? null
        : belief with { Evidence = belief.Evidence with { Delivery = (await FindAsync(EventId.Parse(belief.Evidence.AsOf.Id), cancellationToken))?.Of(belief.Evidence.At) } };

    /// <summary>The beliefs with how their deciding events reached the holder.</summary>
    public async ValueTask<IReadOnlyList<Belief>> AddToAsync(IReadOnlyList<Belief> beliefs, CancellationToken cancellationToken)
    {
        var added = new List<Belief>(beliefs.Count);
        foreach (var belief in beliefs) added.Add((await AddToAsync(belief, cancellationToken))!);
        return added;
    }
}
