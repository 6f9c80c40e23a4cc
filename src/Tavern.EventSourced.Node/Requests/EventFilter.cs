namespace Tavern.EventSourced.Node.Requests;

/// <summary>Which events of a log are wanted: those that fit everything given. What is left out does not matter.</summary>
public sealed record EventFilter
{
    /// <summary>No filter: every event.</summary>
    public static EventFilter None { get; } = new();

    /// <summary>Written by one of these agents; names or ids, several also in one text with commas between them.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>Of one of these types; several also in one text with commas between them. Upper and lower case do not matter.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>The type's name or a text value of the payload holds this, 1 to 256 characters; what that means exactly says
    /// <see cref="Events.JsonText.Contains"/>. Payloads hold ids, so an agent is found by its id, not by its name.</summary>
    public string? Text { get; init; }

    /// <summary>Not in this cut: what came after a point such as <c>gandalf:42</c>, <c>-5m</c>, <c>2026-11-22T09:14Z</c>, or a cursor of
    /// an earlier answer. A time is approximate: it stands for the largest closed cut of events written by then.</summary>
    public string? Since { get; init; }

    /// <summary>In this cut: <c>gandalf:42</c> (what Gandalf had when writing it), <c>jake:80,gandalf:41</c>, <c>-5m</c>; or between two:
    /// <c>gandalf:3..gandalf:9</c>; or what one agent had of another's: <c>jake:80/gandalf</c>, <c>jake/gandalf</c>.</summary>
    public string? Within { get; init; }
}
