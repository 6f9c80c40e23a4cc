using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tavern.EventSourced.Identity;

/// <summary>Names one event: agent, epoch and sequence. Text form <c>agent:42</c>, or <c>agent@2:42</c> after the first
/// epoch, with the agent's 32 hexadecimal digits.</summary>
/// <param name="Agent">The writer.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Sequence">From 1, without holes within a chain.</param>
public readonly record struct EventId(AgentId Agent, int Epoch, long Sequence) : IComparable<EventId>
{
    /// <summary>The chain the event belongs to.</summary>
    public ChainId Chain => new(Agent, Epoch);

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static EventId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not an event id; expected AGENT:SEQUENCE or AGENT@EPOCH:SEQUENCE with 32 hexadecimal digits for AGENT.");

    /// <summary>Reads the text form; false when the text is something else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventId id)
    {
        id = default;
        if (text is null) return false;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        var agentPart = text[..colon];
        var epoch = 1;
        var at = agentPart.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!TryParsePositive(agentPart.AsSpan(at + 1), out var parsedEpoch) || parsedEpoch > int.MaxValue) return false;
            epoch = (int)parsedEpoch;
            agentPart = agentPart[..at];
        }

        if (!AgentId.TryParse(agentPart, out var agent) || !TryParsePositive(text.AsSpan(colon + 1), out var sequence)) return false;
        id = new EventId(agent, epoch, sequence);
        return true;
    }

    /// <summary>Orders by agent, epoch, sequence.</summary>
    public int CompareTo(EventId other)
    {
        var order = Chain.CompareTo(other.Chain);
        return order != 0 ? order : Sequence.CompareTo(other.Sequence);
    }

    /// <summary><c>agent:42</c>, or <c>agent@2:42</c> after the first epoch.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Chain}:{Sequence}");

    private static bool TryParsePositive(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1;
}
