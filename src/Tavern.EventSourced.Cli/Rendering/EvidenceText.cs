using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What stands behind a shown value, in words: as of which event, how old, heard by how many, claimed or complete,
/// contested or not.</summary>
internal static class EvidenceText
{
    /// <summary>E.g. <c>gandalf:42, 9 s ago, heard by at least 2 of 5, from legolas, claimed</c>.</summary>
    public static string Of(Evidence evidence)
    {
        var parts = new List<string> { evidence.AsOf.Name };
        if (evidence.AgeSeconds is not null) parts.Add(Ages.Ago(evidence.AgeSeconds));
        parts.Add("heard by " + Of(evidence.HeardBy));
        if (evidence.Delivery is { From: not null } delivery) parts.Add(DeliveryText.Of(delivery));
        if (evidence.Standing is not "said") parts.Add(evidence.Standing);
        if (evidence.Contested) parts.Add($"contested ({string.Join(", ", evidence.Candidates.Select(candidate => candidate.Name))}; rule {evidence.Rule})");
        return string.Join(", ", parts);
    }

    /// <summary>E.g. <c>5 of 5</c>, <c>at least 3 of 5</c>.</summary>
    public static string Of(HeardBy heardBy) => $"{(heardBy.Exact || heardBy.AtLeast >= heardBy.Of ? "" : "at least ")}{heardBy.AtLeast} of {heardBy.Of}";

    /// <summary>Who was asked and did not answer, as a sentence; null when everybody did.</summary>
    public static string? Silent(IReadOnlyList<Asked> asked)
    {
        var silent = asked.Where(one => !one.Answered).Select(one => one.Agent.Name).ToList();
        return silent.Count == 0 ? null : $"no answer from {string.Join(", ", silent)}";
    }

    /// <summary>A value, coloured by what it means; the word itself says it too.</summary>
    public static Styled Value(Belief? belief) => belief?.Value switch
    {
        null => Styled.Faint("unknown"),
        "done" or "complete" or "completed" or "answered" => Styled.Good(belief.Value),
        "failed" or "disputed" => Styled.Bad(belief.Value),
        "waiting" or "claimed" or "open" => Styled.Doubtful(belief.Value),
        _ => belief.Value,
    };
}
