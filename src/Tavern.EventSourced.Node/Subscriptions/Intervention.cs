namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>What an operator wants of a subscription that stopped.</summary>
internal abstract record Intervention
{
    private Intervention()
    {
    }

    /// <summary>Another round of attempts.</summary>
    public sealed record Retry : Intervention;

    /// <summary>Go on behind the cause, and say so in the log.</summary>
    public sealed record Skip(string? Reason) : Intervention;
}
