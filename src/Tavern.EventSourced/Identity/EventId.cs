using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tavern.EventSourced.Identity;

/// <summary>Names one event: agent, epoch and sequence; and, where a chain has forked, the branch. Text form <c>agent:42</c>, or
/// <c>agent@2:42</c> after the first epoch, with the agent's 32 hexadecimal digits; <c>agent/1:42</c> on a branch.</summary>
/// <param name="Agent">The writer.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Sequence">From 1, without holes within a chain.</param>
/// <param name="Branch">As in <see cref="ChainId"/>: local to a node, 0 by default and in all that travels.</param>
public readonly record struct EventId(AgentId Agent, int Epoch, long Sequence, int Branch = 0) : IComparable<EventId>
{
    /// <summary>The chain the event belongs to.</summary>
    public ChainId Chain => new(Agent, Epoch, Branch);

    /// <summary>The event as its writer and other nodes name it: without the branch.</summary>
    public EventId Main => this with { Branch = 0 };

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static EventId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not an event id; expected AGENT:SEQUENCE, AGENT@EPOCH:SEQUENCE or AGENT/BRANCH:SEQUENCE with 32 hexadecimal digits for AGENT.");

    /// <summary>Reads the text form; false when the text is something else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventId id)
    {
        id = default;
        if (text is null) return false;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        var agentPart = text[..colon];
        var (epoch, branch) = (1, 0);
        var slash = agentPart.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (!TryParsePositive(agentPart.AsSpan(slash + 1), out var parsedBranch) || parsedBranch > int.MaxValue) return false;
            branch = (int)parsedBranch;
            agentPart = agentPart[..slash];
        }

        var at = agentPart.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!TryParsePositive(agentPart.AsSpan(at + 1), out var parsedEpoch) || parsedEpoch > int.MaxValue) return false;
            epoch = (int)parsedEpoch;
            agentPart = agentPart[..at];
        }

        if (!AgentId.TryParse(agentPart, out var agent) || !TryParsePositive(text.AsSpan(colon + 1), out var sequence)) return false;
        id = new EventId(agent, epoch, sequence, branch);
        return true;
    }

    /// <summary>Orders by agent, epoch, branch, sequence.</summary>
    public int CompareTo(EventId other)
    {
        var order = Chain.CompareTo(other.Chain);
        return order != 0 ? order : Sequence.CompareTo(other.Sequence);
    }

    /// <summary><c>agent:42</c>, <c>agent@2:42</c> after the first epoch, <c>agent/1:42</c> on a branch.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Chain}:{Sequence}");

    private static bool TryParsePositive(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1;
}
