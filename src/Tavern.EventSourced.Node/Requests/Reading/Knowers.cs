using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Finds out who has an event, by asking.</summary>
internal sealed class Knowers(Observers observers, Others others)
{
    /// <summary>Asks all living agents.</summary>
    public async ValueTask<KnowersAnswer> AskAsync(AgentId asker, EventId id, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var round = await others.ClocksAsync(asker, deadline, cancellationToken);
        var heard = Heard.Of(id, round.Reports);
        return await observers.ReadAsync(
            asker,
            witness => new KnowersAnswer(
                witness.Of(id),
                heard.Holders.Length,
                heard.Total,
                heard.Exact,
                [.. heard.Holders.Select(holder => KnowerOf(witness, id, holder, round))],
                witness.Of(heard.Without),
                witness.Of(heard.Unanswered.Except(heard.Holders)),
                round.Asked,
                RecordedAudiences.Find(witness, id)),
            cancellationToken);
    }

    private static Knower KnowerOf(Witness witness, EventId id, AgentId holder, ClockRound round)
    {
        if (holder == id.Agent) return new Knower(witness.Of(holder), "own");
        if (round.Reports.Any(report => report.Agent == holder && report.Answered)) return new Knower(witness.Of(holder), "answered");
        var proof = Witness.HeadOf(witness.History.Causality.Heads, holder);
        return new Knower(witness.Of(holder), "event", proof is { } known ? witness.Of(known) : null);
    }
}
