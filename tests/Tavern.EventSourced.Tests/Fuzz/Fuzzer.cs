using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>Tries one decoder with spoiled inputs. An input that makes it say something new (another outcome, or a reason in other words)
/// is kept and spoiled further, so that the search goes deeper than the first check.</summary>
internal sealed partial class Fuzzer(FuzzTarget target, ulong seed)
{
    private const int KeptMax = 2_000;
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(20); // a decoder that loops, not a machine that is busy

    private readonly SplitMix64 _random = new(seed);
    private readonly List<byte[]> _kept = [];
    private readonly HashSet<string> _outcomes = [];

    /// <summary>Inputs tried.</summary>
    public long Inputs { get; private set; }

    /// <summary>Inputs that were understood.</summary>
    public long Accepted { get; private set; }

    /// <summary>Different outcomes seen.</summary>
    public int Outcomes => _outcomes.Count;

    /// <summary>Tries one more input.</summary>
    public async Task StepAsync()
    {
        if (_kept.Count == 0 || _random.Below(16) == 0) await TryAsync(target.Sound(_random));
        else await TryAsync(Mutation.Of(_random, _kept[_random.Below(_kept.Count)], _kept));
    }

    /// <summary>Tries an input.</summary>
    public async Task TryAsync(byte[] input)
    {
        Inputs++;
        var (started, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        var outcome = "understood";
        try
        {
            await target.Decode(input);
            Accepted++;
        }
        catch (Exception e) when (target.Refusals.Contains(e.GetType()))
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message), Report(input, "was refused without a reason"));
            outcome = Shape(e.Message);
        }
        catch (Exception e)
        {
            Assert.Fail(Report(input, $"threw {e}"));
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.True(allocated <= target.AllocatedMax(input.Length), Report(input, $"allocated {allocated} bytes; expected at most {target.AllocatedMax(input.Length)}"));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeMax, Report(input, $"took {Stopwatch.GetElapsedTime(started)}"));
        if (_kept.Count < KeptMax && (_outcomes.Add(outcome) || _kept.Count == 0)) _kept.Add(input);
    }

    private string Report(byte[] input, string what) => string.Create(
        CultureInfo.InvariantCulture, $"{target.Decoder}, seed {seed}, input {Inputs}: {Convert.ToBase64String(input)} {what}");

    /// <summary>A reason without its numbers and quotations: what is left is what the decoder itself says.</summary>
    private static string Shape(string message) => Quotation().Replace(message, "'").Split('\n')[0] is var words && words.Length > 120 ? words[..120] : words;

    [GeneratedRegex("'.*'|\".*\"|[0-9]+|[0-9a-f]{8,}", RegexOptions.Singleline)]
    private static partial Regex Quotation();
}
