using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>One decoder of bytes or text that somebody else may have written.</summary>
/// <param name="Decoder">What is tried, as <c>Type.Method</c>.</param>
/// <param name="Sound">A sound input of some kind.</param>
/// <param name="Decode">Decodes; may throw only what <paramref name="Refusals"/> lists.</param>
/// <param name="Refusals">How it says no.</param>
public sealed record FuzzTarget(string Decoder, Func<SplitMix64, byte[]> Sound, Func<byte[], ValueTask> Decode, params Type[] Refusals)
{
    /// <summary>True when other threads do the work: what they allocate cannot be told from what tests beside them allocate.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>Bytes that one input may make it allocate: a factor of its length, and what is made once.</summary>
    public long AllocatedMax(int inputLength) => IsElsewhere ? long.MaxValue : 4 * 1024 * 1024 + 1024L * inputLength;

    /// <summary>A decoder that does not wait.</summary>
    public static FuzzTarget Of(string decoder, Func<SplitMix64, byte[]> sound, Action<byte[]> decode, params Type[] refusals) => new(
        decoder,
        sound,
        bytes =>
        {
            decode(bytes);
            return ValueTask.CompletedTask;
        },
        refusals);
}
