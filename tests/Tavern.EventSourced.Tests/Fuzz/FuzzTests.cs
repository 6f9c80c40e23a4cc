using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>Every decoder, on spoiled inputs, for <c>TAVERN_FUZZ_SECONDS</c> (5 by default) from <c>TAVERN_FUZZ_SEED</c> (1 by default): each
/// input is understood or refused with a reason, in bounded memory and time. A failure prints the input; it then goes into
/// <see cref="FuzzRegressions"/>.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_the_bytes_every_decoder_understands_them_or_refuses_them_with_a_reason()
    {
        await using var targets = await FuzzTargets.OpenAsync();
        var fuzzers = targets.All.Select(target => (Target: target, Fuzzer: new Fuzzer(target, Setting("TAVERN_FUZZ_SEED", 1)))).ToList();
        var each = TimeSpan.FromSeconds(Setting("TAVERN_FUZZ_SECONDS", 5)) / fuzzers.Count;
        foreach (var (target, fuzzer) in fuzzers)
        {
            var started = Stopwatch.GetTimestamp();
            do await fuzzer.StepAsync();
            while (Stopwatch.GetElapsedTime(started) < each || fuzzer.Inputs < 100);
            output.WriteLine($"{target.Decoder,-34} {fuzzer.Inputs,9} inputs, {fuzzer.Accepted,8} understood, {fuzzer.Outcomes,4} outcomes");
            Assert.True(fuzzer.Accepted > 0, $"{target.Decoder} understood nothing: its sound inputs are not sound.");
        }
    }

    [Fact]
    public async Task What_once_broke_a_decoder_does_not_any_more()
    {
        await using var targets = await FuzzTargets.OpenAsync();
        foreach (var (decoder, input) in FuzzRegressions.All)
            await new Fuzzer(targets.All.Single(target => target.Decoder == decoder), 0).TryAsync(Convert.FromBase64String(input));
    }

    [Fact]
    public async Task Every_decoder_is_tried()
    {
        await using var targets = await FuzzTargets.OpenAsync();
        Assert.Equal([], FuzzTargets.DecodersInTheAssemblies().Except(targets.All.Select(target => target.Decoder)).Order());
    }

    private static ulong Setting(string name, ulong standard) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : standard;
}
