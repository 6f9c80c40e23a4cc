using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Checks;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>One run of a scenario in virtual time: the words that scenarios are told in, and the report in the end. First comes what
/// goes wrong, while nothing unsafe may happen; then everything is healed, and all must come to agree.</summary>
internal sealed class TimedRun
{
    private readonly string _scenario;
    private readonly List<string> _broken = [];
    private readonly SortedDictionary<string, double> _figures = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, int> _missing = ImmutableSortedDictionary<string, int>.Empty;
    private bool _converged;
    private int _unexplained;

    public TimedRun(string scenario, TimedOptions options)
    {
        (_scenario, Simulation) = (scenario, new TimedSimulation(options));
        Random = new SplitMix64(~options.Seed);
    }

    /// <summary>The tavern.</summary>
    public TimedSimulation Simulation { get; }

    /// <summary>The scenario's own randomness.</summary>
    public SplitMix64 Random { get; }

    /// <summary>The agents, by number.</summary>
    public IReadOnlyList<SimulatedAgent> Agents => Simulation.Agents;

    /// <summary>A random agent among the first <paramref name="count"/>; among all by default.</summary>
    public SimulatedAgent Anyone(int? count = null) => Agents[Random.Below(count ?? Agents.Count)];

    /// <summary>An agent writes something.</summary>
    public void Write(SimulatedAgent agent) => agent.Append(Something(agent));

    /// <summary>Random agents write, on average this far apart, for a while that begins now.</summary>
    public void Work(TimeSpan duration, TimeSpan apart)
    {
        for (var at = TimeSpan.Zero; at < duration; at += apart * (2 * Random.NextUnit()) + TimeSpan.FromTicks(1))
            Simulation.After(at, () => Write(Anyone()));
    }

    /// <summary>Something must be so; if not, the run fails with these words.</summary>
    public void Require(bool holds, string otherwise)
    {
        if (!holds) _broken.Add(otherwise);
    }

    /// <summary>A figure for the report.</summary>
    public void Figure(string name, double value) => _figures[name] = value;

    /// <summary>The end of what goes wrong: says why what is missing is missing, then undoes every fault.</summary>
    public void Heal()
    {
        _missing = MissingEvents.Count(Simulation).ToImmutableSortedDictionary(pair => Words(pair.Key), pair => pair.Value, StringComparer.Ordinal);
        Simulation.Network.Usual = new Link();
        Simulation.Network.Heal();
        Simulation.DeathAt = (_, _) => null;
        foreach (var node in Simulation.Nodes)
        {
            node.Disk.IsFull = false;
            node.Resume();
            if (node.Agents.Any(agent => !agent.IsGone)) node.Start();
        }
    }

    /// <summary>All must come to agree within this time; the time it took.</summary>
    public TimeSpan Converge(TimeSpan durationMax)
    {
        var from = Simulation.Now;
        _converged = Simulation.RunUntil(() => Simulation.HasConverged, durationMax);
        return Simulation.Now - from;
    }

    /// <summary>The report: what holds in the end, and what was measured.</summary>
    public RunReport Report()
    {
        Simulation.Checks.CheckAcknowledged(Agents, agent => !agent.IsGone && agent.Node!.State != NodeState.Stopped);
        foreach (var (agent, missing, reason) in MissingEvents.Of(Simulation))
        {
            if (agent.IsLiar || reason is MissingReason.Lost) continue;
            if (_unexplained++ == 0) _broken.Add($"{agent} lacks {missing.Id}: {Words(reason)}.");
        }

        var (published, traffic) = (Simulation.Checks.Published, Simulation.Traffic);
        var times = published.Where(one => one.CompleteAt is not null).Select(one => (one.CompleteAt!.Value - one.At).TotalSeconds).ToList();
        ImmutableArray<string> violations = [.. Simulation.Violations.Concat(_broken).Select(Named)];
        var events = Math.Max(1, published.Count);
        return new RunReport
        {
            Scenario = _scenario,
            Seed = Simulation.Options.Seed,
            Agents = Simulation.Options.Agents,
            Converged = _converged,
            Events = published.Count,
            RoundsMean = times.Count == 0 ? 0 : times.Average(),
            RoundsMax = times.Count == 0 ? 0 : times.Max(),
            PayloadCopiesPerEvent = (double)traffic.PayloadCopies / events,
            ExchangesPerEvent = (double)traffic.Exchanges / events,
            BytesPerEvent = (double)traffic.Bytes / events,
            IdleBytesPerExchange = traffic.IdleBytesMax,
            UnexplainedMissing = _unexplained,
            Missing = _missing,
            Figures = _figures.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Violations = violations,
            Trace = violations.IsEmpty && _converged ? [] : [.. (Simulation.TraceAtViolation ?? Simulation.Trace.Lines()).Select(Named)],
            Digest = RunDigest.Of(Agents, agent => agent.Node!.Index),
        };
    }

    /// <summary>The text with agents' names in the place of their ids.</summary>
    private string Named(string text)
    {
        foreach (var agent in Agents) text = text.Replace(agent.Id.ToString(), $"agent-{agent.Number}", StringComparison.Ordinal);
        return text;
    }

    /// <summary>An event of one of several kinds, some of which name earlier events of their writer.</summary>
    private EventDraft Something(SimulatedAgent agent)
    {
        var note = $"note {Random.Below(1000)}";
        return Random.Below(4) switch
        {
            0 => EventCatalogue.Draft(new StatusReported((AgentActivity)Random.Below(Enum.GetValues<AgentActivity>().Length), note)),
            1 => EventCatalogue.Draft(new TaskCreated(note)),
            2 => EventCatalogue.Draft(new CommitmentMade(note)),
            _ => EventCatalogue.Draft(new DiscoveryShared(note, $"topic {agent.Number % 3}")),
        };
    }

    private static string Words(MissingReason reason) => reason switch
    {
        MissingReason.NotRunning => "its node is down",
        MissingReason.Lost => "no disk has it any more",
        MissingReason.HoldersNotRunning => "only nodes that are down have it",
        MissingReason.CutOff => "cut off from all that have it",
        MissingReason.Committing => "its commit is under way",
        MissingReason.HeldBack => "held back for what it depends on",
        MissingReason.AskedFor => "asked for",
        MissingReason.Spreading => "on its way",
        _ => throw new InvalidOperationException($"No words for {reason}."),
    };
}
