using MediatR;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>All chains that have forked, as far as an observer knows: who signed two records in one place, and what came of it.</summary>
/// <param name="Observer">As seen by whom; by default the node's first agent.</param>
public sealed record GetForks(string? Observer = null) : IRequest<ForksAnswer>;

/// <summary>The forks.</summary>
/// <param name="Reading">What they were read from.</param>
/// <param name="Forks">By agent and epoch; none when no chain has forked.</param>
public sealed record ForksAnswer(Reading Reading, IReadOnlyList<ForkRow> Forks) : Answer;

/// <summary>One forked chain.</summary>
/// <param name="Agent">Who signed two records in one place.</param>
/// <param name="Epoch">In which of its epochs.</param>
/// <param name="LastShared">The last event that all lines share; null when their first records differ.</param>
/// <param name="PartsAt">The lowest sequence at which there are two records.</param>
/// <param name="ExposedBy">The <c>ForkDetected</c> that proves it; null while the observer has none.</param>
/// <param name="Quarantined">How many events lie above, on all lines: they are kept and shown, and count for nothing.</param>
/// <param name="Lines">The lines, by this node's numbers.</param>
/// <param name="WaitingEpochs">Later epochs of the agent that count only once somebody above it endorses them.</param>
/// <param name="Next">What to do, one sentence each; none when nothing is left to do.</param>
public sealed record ForkRow(
    AgentRef Agent,
    int Epoch,
    EventRef? LastShared,
    long PartsAt,
    EventBrief? ExposedBy,
    long Quarantined,
    IReadOnlyList<ForkLine> Lines,
    IReadOnlyList<int> WaitingEpochs,
    IReadOnlyList<string> Next);

/// <summary>One line of a forked chain, from where it parts from another.</summary>
/// <param name="First">Its first event.</param>
/// <param name="FirstHash">That event's hash, 64 hexadecimal digits: the same at every node, unlike the number of the line.</param>
/// <param name="Follows">The event that this one follows; null for a chain's first.</param>
/// <param name="Head">Its last event.</param>
/// <param name="HeadHash">That event's hash.</param>
/// <param name="HeadAt">When that was written, by its writer's clock; null when no time was recorded.</param>
/// <param name="Events">How many events it has from the first one on.</param>
/// <param name="BuiltOn">Per other agent's chain, its first event that was written with this line at hand, at most 100, in canonical order.</param>
/// <param name="Delivery">How the first event reached the observer.</param>
public sealed record ForkLine(
    EventRef First,
    string FirstHash,
    EventRef? Follows,
    EventRef Head,
    string HeadHash,
    DateTimeOffset? HeadAt,
    long Events,
    IReadOnlyList<EventRef> BuiltOn,
    Delivery? Delivery);

internal sealed class GetForksHandler(Observers observers) : IRequestHandler<GetForks, ForksAnswer>
{
    public async Task<ForksAnswer> Handle(GetForks request, CancellationToken cancellationToken)
    {
        var (holder, names, answer) = await observers.ReadAsync(
            request.Observer, witness => (witness.Observer, witness.Names, new ForksAnswer(witness.Reading, ForkRows.All(witness))), cancellationToken);
        var deliveries = new Deliveries(observers.Node.Store, holder, peer => new AgentRef(peer.ToString(), names.DisplayNameOf(peer)));
        var forks = new List<ForkRow>();
        foreach (var fork in answer.Forks)
        {
            var lines = new List<ForkLine>();
            foreach (var line in fork.Lines) lines.Add(line with { Delivery = await deliveries.FindAsync(EventId.Parse(line.First.Id), cancellationToken) });
            forks.Add(fork with { Lines = lines });
        }

        return answer with { Forks = forks };
    }
}
