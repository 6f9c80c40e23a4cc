using System.Globalization;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What is not as it should be, in sentences, worst first.</summary>
internal static class StatusNews
{
    private const int SentencesMax = 12; // a look, not a report
    private const int NamesMax = 4; // in one sentence

    /// <summary>What keeps this node from writing and does not go away by itself.</summary>
    public static IEnumerable<string> Problems(Witness witness, EngineStatus? engine)
    {
        if (witness.Node.StoreTrouble is { } trouble) yield return $"Nothing can be written: {TerminalText.Plain(trouble)}";
        if (engine is { EpochElsewhere: { } elsewhere })
            yield return string.Create(CultureInfo.InvariantCulture, $"{witness.Sentences.Start(witness.Observer)} has begun epoch {elsewhere} elsewhere, so this copy of it may not write any more. Leave one of them running and start it anew.");
    }

    /// <summary>The sentences; none when all is well.</summary>
    public static IReadOnlyList<string> Of(Witness witness, EngineStatus? engine, ClockRound round)
    {
        var names = witness.Sentences;
        var news = new List<string>(Problems(witness, engine));
        foreach (var agent in witness.View.Agents.Values)
            if (agent.Fork is { } fork) news.Add($"{names.Start(agent.Id)} wrote two records in one place: {names.Of(fork.Value)}. What it wrote there and above counts for nothing; tavern show --forks has both lines.");
        foreach (var agent in witness.View.Agents.Values)
            if (!agent.Waiting.IsEmpty) news.Add($"{names.Start(agent.Id)} forked and goes on in epoch {string.Join(" and ", agent.Waiting)}, which counts once somebody above it vouches for it: tavern endorse {names.Of(agent.Id)}");
        if (engine is { Guard: { Phase: not GuardPhase.Open } guard })
            news.Add(guard.Phase is GuardPhase.PullingBack
                ? $"{names.Start(witness.Observer)} cannot write yet: events it has lost come back from others."
                : $"{names.Start(witness.Observer)} cannot write yet: it asks others how far they have heard it" +
                    $"{(guard.WaitsFor.IsEmpty ? "" : $"; no answer yet from {string.Join(", ", guard.WaitsFor.Take(NamesMax).Select(names.Of))}")}.");
        else if (engine is { Guard: { NewEpochBecause: { } because, Epoch: var epoch } })
            news.Add(string.Create(CultureInfo.InvariantCulture, $"{names.Start(witness.Observer)} began epoch {epoch}, because {because}."));
        foreach (var subscription in witness.Node.Subscriptions)
            if (subscription.Status.State is SubscriptionState.Stopped stopped)
                news.Add($"{names.Start(subscription.Agent)}'s subscription {TerminalText.Plain(subscription.Name)} stopped at {names.Of(stopped.Cause)} " +
                    $"after {stopped.Attempts} attempt{(stopped.Attempts == 1 ? "" : "s")}: {TerminalText.Plain(stopped.Error)}");
        foreach (var line in round.Asked)
            if (!line.Answered) news.Add($"No answer from {line.Agent.Name}: {TerminalText.Plain(line.Failure ?? "no reason given")}");
        foreach (var held in engine?.HeldBack ?? [])
            news.Add($"{names.Of(held.First)} waits for {names.Of(held.Missing)}, which has not arrived.");
        var (everything, events) = (round.Everything, witness.History.Causality);
        foreach (var report in round.Reports)
            if (report.Answered && events.CountOf(everything) - events.CountOf(report.Clock) is > 0 and var behind)
                news.Add(string.Create(CultureInfo.InvariantCulture, $"{names.Start(report.Agent)} is {behind} " +
                    $"event{(behind == 1 ? "" : "s")} behind."));
        if (engine is { Paused: true }) news.Add($"{names.Start(witness.Observer)}'s gossip is paused.");
        foreach (var peer in engine?.Peers ?? [])
            if (peer.Paused) news.Add($"{names.Start(witness.Observer)}'s gossip with {names.Of(peer.Peer)} is paused.");
        foreach (var agent in witness.View.Agents.Values)
            if (agent.State.Contested) news.Add($"{names.Start(agent.Id)}'s state is contested; rule {agent.State.Rule} decides.");
        if (news.Count <= SentencesMax) return news;
        var more = news.Count - SentencesMax + 1;
        return [.. news.Take(SentencesMax - 1), string.Create(CultureInfo.InvariantCulture, $"And {more} more.")];
    }
}
