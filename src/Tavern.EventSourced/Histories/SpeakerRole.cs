namespace Tavern.EventSourced.Histories;

/// <summary>Who speaks and who is spoken to, by a role such as <c>Orchestrator (-> WebSurfer)</c>.</summary>
/// <param name="Speaker">The name before the brackets; the whole role when there are none.</param>
/// <param name="Listener">The name behind the arrow; null when there is none.</param>
internal readonly record struct SpeakerRole(string Speaker, string? Listener)
{
    private const string Arrow = "->";

    /// <summary>Reads a role; what is in the brackets and is no arrow, e.g. <c>(thought)</c>, says how something was said, not who.</summary>
    public static SpeakerRole Parse(string role)
    {
        var text = role.Trim();
        var open = text.IndexOf(" (", StringComparison.Ordinal);
        if (open <= 0 || !text.EndsWith(')')) return new SpeakerRole(text, null);
        var inner = text[(open + 2)..^1].Trim();
        var listener = inner.StartsWith(Arrow, StringComparison.Ordinal) ? inner[Arrow.Length..].Trim() : "";
        return new SpeakerRole(text[..open].TrimEnd(), listener.Length > 0 ? listener : null);
    }
}
