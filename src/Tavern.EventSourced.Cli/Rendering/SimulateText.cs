using System.Globalization;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Runs of scenarios, for people.</summary>
internal static class SimulateText
{
    private const int TraceLinesMax = 60; // a screen; all of it is in the JSON

    /// <summary>The scenarios there are.</summary>
    public static void List(Terminal terminal, ListedScenarios listed)
    {
        var rows = new Columns("scenario", "agents", "what happens and what must hold");
        foreach (var scenario in listed.Scenarios) rows.Add(Styled.Command(scenario.Scenario), string.Join(", ", scenario.Sizes), scenario.Description);
        rows.WriteTo(terminal);
    }

    /// <summary>A run that did not hold: what, the steps before it, and how to see it again.</summary>
    public static void Failure(Terminal terminal, SimulatedRun run)
    {
        terminal.Line(Styled.Bad($"! {run.Scenario} did not hold with {run.Agents} agents and seed {run.Seed}"));
        foreach (var violation in run.Violations) terminal.Line("  ", violation);
        if (!run.Converged) terminal.Line("  Not all agents came to agree.");
        if (run.Trace.Length > 0) terminal.Line("  ", Styled.Faint($"the last {Math.Min(TraceLinesMax, run.Trace.Length)} of {run.Trace.Length} steps before it:"));
        foreach (var step in run.Trace.TakeLast(TraceLinesMax)) terminal.Line("    ", Styled.Faint(step));
        terminal.Line("  again: ", Styled.Command($"tavern simulate --scenario {run.Scenario} --agents {run.Agents} --seed {run.Seed}"));
    }

    /// <summary>One row per scenario and size.</summary>
    public static void Summary(Terminal terminal, IReadOnlyList<SimulatedRun> runs)
    {
        var rows = new Columns("scenario", "agents", "held", "rounds mean", "max", "copies/event", "exchanges/event", "bytes/event", "idle bytes", "unexplained");
        foreach (var group in runs.GroupBy(run => (run.Scenario, run.Agents)))
        {
            var held = group.Count(run => run.Held);
            rows.Add(
                group.Key.Scenario,
                Number(group.Key.Agents),
                held == group.Count() ? Styled.Good($"{held} of {held}") : Styled.Bad($"{held} of {group.Count()}"),
                Number(group.Average(run => run.RoundsMean)),
                Number(group.Max(run => run.RoundsMax)),
                Number(group.Average(run => run.PayloadCopiesPerEvent)),
                Number(group.Average(run => run.ExchangesPerEvent)),
                Number(group.Average(run => run.BytesPerEvent)),
                Number(group.Max(run => run.IdleBytesPerExchange)),
                Number(group.Sum(run => run.UnexplainedMissing)));
        }

        rows.WriteTo(terminal);
        foreach (var group in runs.GroupBy(run => (run.Scenario, run.Agents)))
        {
            var figures = group.SelectMany(run => run.Figures).GroupBy(figure => figure.Key, figure => figure.Value).OrderBy(figure => figure.Key, StringComparer.Ordinal).ToList();
            if (figures.Count > 0)
                terminal.Line(Styled.Faint($"{group.Key.Scenario} {group.Key.Agents}: "), string.Join(", ", figures.Select(figure => $"{figure.Key} {Spread([.. figure])}")));
            if (group.First() is { MemoryBytesPerAgent: { } memory } first) terminal.Line(Styled.Faint($"{first.Scenario} {first.Agents}: "), $"memory per agent {Number(memory)} bytes");
        }

        if (runs is [var only]) terminal.Line(Styled.Faint("digest "), only.Digest);
    }

    private static string Spread(IReadOnlyList<double> values) =>
        values.Count == 1 ? Number(values[0]) : $"{Number(values.Average())} ({Number(values.Min())} to {Number(values.Max())})";

    private static string Number(double value) => value.ToString(value == Math.Floor(value) ? "0" : "0.##", CultureInfo.InvariantCulture);
}
