using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What agents said when asked how far their logs go, and what is proven of those who were silent.</summary>
/// <param name="Reports">One per agent, sorted.</param>
/// <param name="Asked">Who answered.</param>
internal sealed record ClockRound(IReadOnlyList<ClockReport> Reports, IReadOnlyList<Asked> Asked)
{
    /// <summary>All events that anybody at hand has.</summary>
    public VectorClock Everything => Reports.Aggregate(VectorClock.Empty, (all, report) => all.Merge(report.Clock));
}

/// <summary>Asks other agents for what they know about themselves.</summary>
internal sealed class Others(Observers observers)
{
    private const double DeadlineSecondsMax = 30; // longer than anybody waits at a prompt

    /// <summary>A deadline from a request.</summary>
    /// <exception cref="RefusedException">It is out of range.</exception>
    public static TimeSpan Deadline(double seconds) => seconds is >= 0 and <= DeadlineSecondsMax
        ? TimeSpan.FromSeconds(seconds)
        : throw RefusedException.Invalid($"The deadline is {seconds} s; expected 0 to {DeadlineSecondsMax}.");

    /// <summary>Asks several agents the same.</summary>
    public async ValueTask<IReadOnlyList<AskReply>> AskAsync(
        AgentId asker, IReadOnlyList<AgentId> whom, AskQuestion question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (whom.Count == 0) return [];
        return await observers.Node.AskAsync(asker, whom, question, deadline, cancellationToken);
    }

    /// <summary>Asks all living agents for their clocks.</summary>
    public async ValueTask<ClockRound> ClocksAsync(AgentId asker, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var (living, forked) = await observers.ReadAsync(asker, witness => (witness.Living, ClockLines.ForkedIn(witness.History)), cancellationToken);
        var replies = await AskAsync(asker, living, new AskQuestion.Clock(forked), deadline, cancellationToken);
        return await observers.ReadAsync(asker, witness => Round(witness, replies), cancellationToken);
    }

    private static ClockRound Round(Witness witness, IReadOnlyList<AskReply> replies) => new(
        [.. replies.Select(reply => ReportOf(witness, reply)).OrderBy(report => report.Agent)],
        Lines(witness, replies));

    /// <summary>Who answered, by name.</summary>
    public static IReadOnlyList<Asked> Lines(Witness witness, IEnumerable<AskReply> replies) =>
    [
        .. replies.GroupBy(reply => reply.Agent)
            .Select(group => group.FirstOrDefault(reply => reply.Answer is null or AskAnswer.CannotAnswer) ?? group.First())
            .Select(reply => new Asked(
                witness.Of(reply.Agent),
                reply.Answer is not (null or AskAnswer.CannotAnswer),
                (reply.Answer as AskAnswer.CannotAnswer)?.Reason ?? reply.Failure))
            .OrderBy(line => line.Agent.Name, StringComparer.Ordinal),
    ];

    private static ClockReport ReportOf(Witness witness, AskReply reply)
    {
        if (reply.Answer is AskAnswer.Clock clock) return new ClockReport(reply.Agent, ClockLines.Resolved(witness.History, clock), true);
        var proven = VectorClock.Empty;
        foreach (var (chain, sequence) in witness.History.Causality.Heads.Entries)
            if (chain.Agent == reply.Agent) proven = proven.Merge(witness.History.Causality.ClockAt(chain[sequence]));
        return new ClockReport(reply.Agent, proven, false);
    }
}
