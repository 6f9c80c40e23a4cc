using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>A hosted agent that has not heard yet who vouches for it, so it cannot write.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Seeds">Whom it calls until one answers; empty when it was to be spawned on this node.</param>
/// <param name="Reason">What is the matter, in a sentence.</param>
/// <param name="Expected">What would end it.</param>
/// <param name="Remedy">What a person can do.</param>
public sealed record UnheardAgent(AgentRef Agent, IReadOnlyList<string> Seeds, string Reason, string Expected, string Remedy)
{
    /// <summary>All on a node; empty is the usual case.</summary>
    /// <param name="node">The node.</param>
    /// <param name="reader">A look at what it holds.</param>
    public static IReadOnlyList<UnheardAgent> On(TavernNode node, HistoryReader reader)
    {
        var seeds = node.Seeds.Select(seed => seed.Address.GetLeftPart(UriPartial.Authority)).Distinct().ToList();
        return [.. node.Unheard(reader).Select(hosted => Of(hosted, seeds))];
    }

    /// <summary>The refusal of a write.</summary>
    internal RefusedException Refusal() =>
        new(new Problem(ProblemTypes.CannotWrite, "The agent cannot write now", 409, $"{Reason} Expected: {Expected}. {Remedy}"));

    private static UnheardAgent Of(HostedName hosted, List<string> seeds)
    {
        var agent = new AgentRef(hosted.Agent.ToString(), hosted.Name);
        var where = string.Join(" or ", seeds);
        return seeds.Count > 0
            ? new UnheardAgent(
                agent,
                seeds,
                $"{hosted.Name} has not heard from {where} yet and cannot write until it has.",
                $"an answer from {where}, which says who vouches for {hosted.Name}",
                "Start the node there; this one calls again and again.")
            : new UnheardAgent(
                agent,
                seeds,
                $"{hosted.Name} has not heard who vouches for it and cannot write until it has.",
                $"an event of another agent here that vouches for {hosted.Name}",
                $"Resume that agent's gossip; or, if the spawn was cut short, spawn it again: tavern spawn {hosted.Name}");
    }
}
