namespace Tavern.EventSourced.Node.Requests;

/// <summary>How much a value is worth, in the words of answers.</summary>
internal static class StandingWords
{
    /// <summary>A plain statement: nothing to verify.</summary>
    public const string Said = "said";

    /// <summary>A claim that nobody outside has verified yet.</summary>
    public const string Claimed = "claimed";

    /// <summary>Verified from outside.</summary>
    public const string Complete = "complete";

    /// <summary>The word for a value by itself: what is done is a claim until something else proves it.</summary>
    public static string Of(string value) => value is "done" or "claimed" or "completed" ? Claimed : value is "verified" ? Complete : Said;
}
