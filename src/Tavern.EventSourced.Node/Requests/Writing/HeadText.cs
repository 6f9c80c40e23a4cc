using System.Globalization;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Reads where a caller expects a chain to end.</summary>
internal static class HeadText
{
    /// <summary>The sequence, 0 for an empty chain; null for no expectation.</summary>
    /// <exception cref="RefusedException">The text is no such event, is another agent's, or is of an older epoch.</exception>
    public static long? Expected(Witness witness, string? text)
    {
        if (text is null) return null;
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !long.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            throw RefusedException.Invalid($"'{text}' is not the head of a chain; expected AGENT:SEQUENCE such as gandalf:41, or " +
                $"gandalf:0 for none.");
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var epoch = 1;
        if (at >= 0 && (!int.TryParse(text.AsSpan(at + 1, colon - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out epoch) || epoch < 1))
            throw RefusedException.Invalid($"'{text}' is not the head of a chain; expected AGENT@EPOCH:SEQUENCE with an epoch from 1.");
        var agent = witness.Agent(text[..(at >= 0 ? at : colon)]);
        if (agent != witness.Observer)
            throw RefusedException.Invalid($"'{text}' is not an event of {witness.Names.DisplayNameOf(witness.Observer)}, who " +
                $"writes; expected where its own chain ends.");
        return epoch == (witness.HeadOf(agent)?.Epoch ?? 1) ? sequence : throw Moved(witness, sequence);
    }

    /// <summary>The refusal when the chain ends elsewhere.</summary>
    public static RefusedException Moved(Witness witness, long expected)
    {
        var agent = witness.Names.DisplayNameOf(witness.Observer);
        var head = witness.HeadOf(witness.Observer) is { } id ? witness.Of(id).Name : $"{agent}:0";
        return new RefusedException(new Problem(
            ProblemTypes.HeadMoved,
            "The chain does not end where you expected",
            412,
            $"You expected {agent}'s chain to end at {expected}; it ends at {head}. Read what was added, then try again with that.")
        { Head = head });
    }
}
