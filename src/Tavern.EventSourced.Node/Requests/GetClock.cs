using MediatR;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An observer's vector clock.</summary>
/// <param name="Observer">Whose; by default the node's first agent.</param>
public sealed record GetClock(string? Observer = null) : IRequest<ClockAnswer>;

/// <summary>A vector clock.</summary>
/// <param name="Reading">The clock as text.</param>
/// <param name="LogLength">Events in the observer's log.</param>
/// <param name="Entries">Per chain, by agent name.</param>
/// <param name="HeldBack">What arrived and waits for something else.</param>
public sealed record ClockAnswer(Reading Reading, long LogLength, IReadOnlyList<ClockLine> Entries, IReadOnlyList<HeldBackLine> HeldBack) : Answer;

/// <summary>One entry of a clock.</summary>
/// <param name="Agent">Whose chain.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Head">The newest event of it that the observer has.</param>
/// <param name="Hash">That event's hash.</param>
/// <param name="At">When it was written.</param>
public sealed record ClockLine(AgentRef Agent, int Epoch, EventRef Head, string Hash, DateTimeOffset? At);

/// <summary>Events that arrived and wait.</summary>
/// <param name="Events">Which.</param>
/// <param name="Missing">The first event they wait for.</param>
/// <param name="From">Who sent them.</param>
public sealed record HeldBackLine(EventSpan Events, EventRef Missing, AgentRef From);

internal sealed class GetClockHandler(Observers observers) : IRequestHandler<GetClock, ClockAnswer>
{
    public async Task<ClockAnswer> Handle(GetClock request, CancellationToken cancellationToken)
    {
        var engine = await observers.EngineAsync(request.Observer, cancellationToken);
        return await observers.ReadAsync(
            request.Observer,
            witness => new ClockAnswer(
                witness.Reading,
                witness.History.LogLength(witness.Observer),
                [
                    .. witness.Clock.Entries.Select(entry => LineOf(witness, entry))
                        .OrderBy(line => line.Agent.Name, StringComparer.Ordinal).ThenBy(line => line.Epoch),
                ],
                [
                    .. (engine?.HeldBack ?? []).Select(held => new HeldBackLine(
                        witness.Of(new EventRange(held.First.Chain, held.First.Sequence, held.Last)),
                        witness.Of(held.Missing),
                        witness.Of(held.From))),
                ]),
            cancellationToken);
    }

    private static ClockLine LineOf(Witness witness, Causality.ClockEntry entry)
    {
        var head = entry.Chain[entry.Sequence];
        return new ClockLine(
            witness.Of(entry.Chain.Agent),
            entry.Chain.Epoch,
            witness.Of(head),
            witness.History.Record(head).Hash.ToString(),
            witness.WrittenAt(head));
    }
}
