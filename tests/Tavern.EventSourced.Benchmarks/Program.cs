using Tavern.EventSourced.Benchmarks;

// Ratios against the leanest thing that does the same, both in one run and interleaved; and bytes of memory per event:
//   dotnet run -c Release --project tests/Tavern.EventSourced.Benchmarks -- [append] [replay] [catch-up] [memory] [postgres]
string[] known = ["append", "replay", "catch-up", "memory", "postgres"];
if (args.FirstOrDefault(arg => !known.Contains(arg)) is { } unknown)
{
    await Console.Error.WriteLineAsync($"There is no benchmark '{unknown}'; expected any of: {string.Join(", ", known)}.");
    return 2;
}

string[] chosen = args.Length == 0 ? known : args;
Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}; ours against the floor, medians of interleaved rounds");
if (chosen.Contains("append")) await AppendBenchmark.RunAsync();
if (chosen.Contains("replay")) await ReplayBenchmark.RunAsync();
if (chosen.Contains("catch-up")) await CatchUpBenchmark.RunAsync();
if (chosen.Contains("memory")) await MemoryBenchmark.RunAsync();
if (chosen.Contains("postgres")) await PostgresBenchmark.RunAsync();
return 0;
