using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Why something has not moved, in words.</summary>
internal static class DelayText
{
    /// <summary>One sentence.</summary>
    public static string Sentence(AgentId behind, Delay delay, DateTimeOffset now, AgentNames names)
    {
        var who = names.Start(behind);
        return delay switch
        {
            Delay.InFlight flight => $"On its way: {who} asked {names.Of(flight.From)} for it.",
            Delay.Due due => $"Nothing is in the way: {who} reaches {names.Of(due.Via)}; {Phrases.Next(due.Next, now)}.",
            Delay.PausedHere => $"{who}'s gossip is paused.",
            Delay.PeersPaused paused => $"Gossip is paused at {names.Of(paused.Peers)}.",
            Delay.BackPressure busy => $"{who} was turned away: {names.Of(busy.Peers)} {(busy.Peers.Length > 1 ? "have" : "has")} too much to do.",
            Delay.PeerDown down => $"{names.Start(down.Peer)} does not answer {who}; last exchange {Phrases.Ago(down.LastSuccess, now)}" +
                $"{(down.Detail is { } detail ? $" ({TerminalText.Plain(detail, 80)})" : "")}.",
            Delay.NoPath none => $"No path: {who} reaches none of {names.Of(none.Peers)}; last exchange with any of them {Phrases.Ago(none.LastSuccess, now)}.",
            Delay.NeverMet met => $"{who} has no record of an exchange with a holder; {Phrases.Next(met.Next, now)}.",
            _ => throw new InvalidOperationException($"Delay {delay.GetType().Name} has no sentence."),
        };
    }
}
