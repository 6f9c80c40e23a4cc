using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Simulation.Scenarios;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern simulate</c>: plays bad days in virtual time, with the real engine, from a seed.</summary>
internal static class SimulateCommand
{
    private const string List = "list";
    private const string Matrix = "matrix";
    private const int RunsMax = 1_000_000; // more is a slip of the finger

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var name = Arg.Option<string>("--scenario", "NAME", "Which day to play; 'list' names them, 'matrix' plays all of them at all their sizes. Default list.");
        var seed = Arg.Number("--seed", "SEED", "What the run is made from, from 0: the same seed is the same run on every machine. Default 1.");
        var seeds = Arg.Option<string>("--seeds", "FIRST..LAST", "One run for each of these seeds.");
        var agents = Arg.Number("--agents", "COUNT", "Number of agents. Default the scenario's smallest.");
        var allSizes = Arg.Flag("--all-sizes", "Play all sizes that the scenario is meant for.");
        var memory = Arg.Flag("--memory", "Say how much memory this process took per agent; that, unlike all else, differs between machines.");
        var command = new CliCommand(
            "simulate",
            "Play a bad day of many agents in virtual time, repeatable from its seed.",
            "simulate --scenario list",
            "simulate --scenario rounds --agents 1024",
            "simulate --scenario partition --agents 16 --seeds 1..100",
            "simulate --scenario star --all-sizes",
            "simulate --scenario crash --agents 3 --seed 42 --json")
        {
            Options = { name, seed, seeds, agents, allSizes, memory },
            Details = "Each scenario first lets things go wrong, while no log may ever hold what it must not; then all is healed, and all agents must agree."
                + "\n--json writes one object per run, one per line. Returns 1 when something did not hold; what failed can be played again from its seed.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var scenario = parse.GetValue(name) ?? List;
            if (scenario == List)
            {
                host.Show(settings.Output, ListedScenarios.All, SimulateText.List, shown => shown.Scenarios);
                return (int)ExitCode.Ok;
            }

            var plan = Plan(scenario, parse.GetValue(agents), parse.GetValue(allSizes), SeedsOf(parse.GetValue(seed), parse.GetValue(seeds)));
            return (int)await PlayAsync(host, settings.Output, plan, parse.GetValue(memory), cancellationToken);
        });
        return command;
    }

    private static async Task<ExitCode> PlayAsync(CommandHost host, OutputFormat output, IReadOnlyList<PlannedRun> plan, bool memory, CancellationToken cancellationToken)
    {
        var (progress, runs) = (new ProgressLine(host.Terminal), new List<SimulatedRun>());
        try
        {
            foreach (var (scenario, agents, seed) in plan)
            {
                progress.Set(ProgressText.Bar(runs.Count, plan.Count, $"{scenario.Name}, {agents} agents, seed {seed}"));
                var report = await Task.Run(() => scenario.Run(seed, agents), cancellationToken).WaitAsync(cancellationToken);
                var run = SimulatedRun.Of(report, memory ? Process.GetCurrentProcess().PeakWorkingSet64 : null);
                runs.Add(run);
                progress.Clear();
                if (output != OutputFormat.Text) JsonOutput.Write(host.Terminal, run, indented: false);
                else if (!run.Held) SimulateText.Failure(host.Terminal, run);
            }
        }
        finally
        {
            progress.Clear();
        }

        if (output == OutputFormat.Text) SimulateText.Summary(host.Terminal, runs);
        return runs.TrueForAll(run => run.Held) ? ExitCode.Ok : ExitCode.Negative;
    }

    private static List<PlannedRun> Plan(string name, long? agents, bool allSizes, (ulong First, ulong Last) seeds)
    {
        var scenarios = name == Matrix ? ScenarioCatalogue.All : [ScenarioCatalogue.Find(name) ?? throw Unknown(name)];
        var plan = new List<PlannedRun>();
        foreach (var scenario in scenarios)
        {
            if (agents is { } asked && (asked < scenario.AgentsMin || asked > scenario.AgentsMax))
                throw new CliException(ExitCode.Usage, $"Scenario {scenario.Name} cannot be played with {asked} agents.", $"{scenario.AgentsMin} to {scenario.AgentsMax} agents");
            ImmutableArray<int> sizes = agents is { } count ? [(int)count] : allSizes || name == Matrix ? scenario.Sizes : [scenario.Sizes[0]];
            foreach (var size in sizes)
                for (var seed = seeds.First; seed <= seeds.Last; seed++) plan.Add(new PlannedRun(scenario, size, seed));
        }

        return plan;
    }

    private static (ulong First, ulong Last) SeedsOf(long? seed, string? seeds)
    {
        if (seed is not null && seeds is not null) throw new CliException(ExitCode.Usage, "Both --seed and --seeds were given.", "one of them");
        if (seeds is null)
        {
            if (seed < 0) throw new CliException(ExitCode.Usage, $"--seed is {seed}.", "a whole number from 0");
            return ((ulong)(seed ?? 1), (ulong)(seed ?? 1));
        }

        var ends = seeds.Split("..");
        if (ends.Length != 2 || !IsSeed(ends[0], out var first) || !IsSeed(ends[1], out var last) || last < first || last - first >= RunsMax)
            throw new CliException(ExitCode.Usage, $"--seeds is '{seeds}'.", $"FIRST..LAST, e.g. 1..100, at most {RunsMax} seeds");
        return (first, last);
    }

    private static bool IsSeed(string text, out ulong seed) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed) && seed < long.MaxValue;

    private static CliException Unknown(string name)
    {
        var names = ScenarioCatalogue.All.Select(scenario => scenario.Name).Append(Matrix).Append(List).ToList();
        return new CliException(ExitCode.Usage, $"There is no scenario '{name}'.", Suggestions.Of(name, names) ?? $"one of {string.Join(", ", names)}", "tavern simulate --scenario list");
    }

    private sealed record PlannedRun(Scenario Scenario, int Agents, ulong Seed);
}
