namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Under which conditions an append is carried out.</summary>
public sealed record AppendConditions
{
    /// <summary>No conditions.</summary>
    public static AppendConditions None { get; } = new();

    /// <summary>Longest idempotency key, in characters.</summary>
    public const int KeyCharsMax = 255;

    /// <summary>1 to 255 characters chosen by the client: the same request under the same key is carried out once and returns the
    /// same events again. Null (the default): every request counts.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>When set, the append is refused unless the agent's chain ends at this sequence (0: is empty). Null by default.</summary>
    public long? ExpectedHead { get; init; }

    /// <summary>A subscription that moves together with the append; null (the default) for none. With it an append may be without
    /// events: then the subscription alone moves.</summary>
    public HandledUpTo? Handled { get; init; }
}
